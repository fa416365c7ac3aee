"""Plans put together: its doors, what it hears, its parameters and code lists."""

from services.plans import api, consumers, specs, vocabulary
from services.plans.settings import Settings
from services.plans.store import METADATA
from shared.code_lists import CodeEntry
from shared.service import Service

SERVICE = Service(
    name="plans",
    about=(
        "Individual support plans for one semester: drafted, approved level by level, revised, "
        "evaluated and closed; consultations and orders of heads."
    ),
    settings=Settings,
    metadata=METADATA,
    routers=api.ROUTERS,
    consumers=consumers.CONSUMERS,
    parameters=specs.PARAMETERS,
    code_lists={
        name: [CodeEntry(**vars(term)) for term in terms]
        for name, terms in vocabulary.CODE_LISTS.items()
    },
)
