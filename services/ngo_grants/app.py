"""The service put together."""

from services import ngo_grants
from services.ngo_grants.api import ROUTERS
from services.ngo_grants.consumers import CONSUMERS
from services.ngo_grants.parameters import SPECS
from services.ngo_grants.settings import Settings
from services.ngo_grants.store import METADATA
from services.ngo_grants.vocabulary import VOCABULARY
from shared.code_lists import CodeEntry
from shared.service import Service

CODE_LISTS = {
    name: [
        CodeEntry(
            code=word.code,
            label_lv=word.label_lv,
            label_en=word.label_en,
            attributes=dict(word.attributes),
        )
        for word in words
    ]
    for name, words in VOCABULARY.items()
}
SERVICE = Service(
    name="ngo_grants",
    about=ngo_grants.__doc__ or "",
    settings=Settings,
    metadata=METADATA,
    routers=ROUTERS,
    consumers=CONSUMERS,
    parameters=SPECS,
    code_lists=CODE_LISTS,
)
