"""Code lists identification owns, as its doors give them."""

from collections.abc import Mapping

from services.identification import vocabulary
from services.identification.risk_factors import CATALOGUE
from services.identification.schooling import GRADE_MAX_AT
from services.identification.vocabulary import Words
from shared.auth import Role
from shared.code_lists import CodeEntry

TEACHES_AT = "dbt"


def _entries(words: Words, **attributes: Mapping[str, object]) -> tuple[CodeEntry, ...]:
    """Entries of words; each attribute gives its values by code."""
    return tuple(
        CodeEntry.model_validate(
            {
                "code": str(code),
                "label_lv": label_lv,
                "label_en": label_en,
                "attributes": {
                    name: by_code[code] for name, by_code in attributes.items() if code in by_code
                },
            }
        )
        for code, (label_lv, label_en) in words.items()
    )


def _risk_factors() -> tuple[CodeEntry, ...]:
    """The catalogue of risk factors with group and what is special about each."""
    return tuple(
        CodeEntry(
            code=factor.code,
            label_lv=factor.label_lv,
            label_en=factor.label_en,
            attributes={
                "risk_group": factor.group,
                "restricted": factor.restricted,
                "needs_text": factor.needs_text,
            },
        )
        for factor in CATALOGUE.values()
    )


CODE_LISTS: dict[str, tuple[CodeEntry, ...]] = {
    "risk_group": _entries(vocabulary.RISK_GROUPS),
    "risk_factor": _risk_factors(),
    "school_kind": _entries(vocabulary.SCHOOL_KINDS, grade_max=GRADE_MAX_AT),
    "institution_type": _entries(vocabulary.INSTITUTION_TYPES),
    "teaching_place": _entries(
        vocabulary.TEACHING_PLACES, school_id=dict.fromkeys(vocabulary.TEACHING_PLACES, TEACHES_AT)
    ),
    "cooperation_party": _entries(vocabulary.COOPERATION_PARTIES),
    "organisation": _entries(vocabulary.ORGANISATIONS),
    "programme_activity": _entries(vocabulary.PROGRAMME_ACTIVITIES),
    "staff_kind": _entries(vocabulary.STAFF_KINDS),
    "role": _entries(vocabulary.ROLES, is_granted=dict.fromkeys(Role, True)),
    "reason_left": _entries(vocabulary.REASONS_LEFT),
}
