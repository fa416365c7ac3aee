"""The identification service put together."""

import services.identification as package
from services.identification import (
    api,
    attendance_api,
    grant_api,
    pupil_api,
    register_api,
    risk_api,
)
from services.identification.code_lists import CODE_LISTS
from services.identification.consumers import PLANS_CONSUMER
from services.identification.jobs import JOBS
from services.identification.parameters import PARAMETERS
from services.identification.settings import Settings
from services.identification.store import METADATA
from shared.service import Service

SERVICE = Service(
    name="identification",
    about=package.__doc__ or "",
    settings=Settings,
    metadata=METADATA,
    routers=(
        api.router,
        register_api.router,
        grant_api.router,
        pupil_api.router,
        attendance_api.router,
        risk_api.router,
    ),
    consumers=(PLANS_CONSUMER,),
    jobs=JOBS,
    parameters=PARAMETERS,
    code_lists=CODE_LISTS,
    hears_registers=False,
)
