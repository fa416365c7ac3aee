"""The payments service put together."""

import services.payments as package
from services.payments import api, offices
from services.payments.allocations import api as allocations
from services.payments.audit import api as audit
from services.payments.checks import api as checks
from services.payments.code_lists import CODE_LISTS
from services.payments.consumers import CONSUMERS
from services.payments.days import api as days
from services.payments.files import api as files
from services.payments.govstack import api as govstack
from services.payments.jobs import JOBS
from services.payments.owned_parameters import PARAMETERS
from services.payments.partner_reports import api as partner_reports
from services.payments.payees import api as payees
from services.payments.recoveries import api as recoveries
from services.payments.rehearsals import api as rehearsals
from services.payments.repairs import api as repairs
from services.payments.settings import Settings
from services.payments.signatures import api as signatures
from services.payments.statements import api as statements
from services.payments.tables import METADATA
from services.payments.upkeep import UPKEEP
from services.payments.vouchers import api as vouchers
from services.payments.work_list import api as work_list
from shared.service import Service

SERVICE = Service(
    name="payments",
    about=package.__doc__ or "",
    settings=Settings,
    metadata=METADATA,
    routers=(
        api.router,
        offices.router,
        files.router,
        allocations.router,
        payees.router,
        signatures.router,
        govstack.router,
        statements.router,
        work_list.router,
        repairs.router,
        recoveries.router,
        partner_reports.router,
        audit.router,
        rehearsals.router,
        checks.router,
        days.router,
        vouchers.router,
    ),
    consumers=CONSUMERS,
    jobs=JOBS,
    parameters=PARAMETERS,
    code_lists=CODE_LISTS,
    upkeep=UPKEEP,
)
