"""The code lists that plans owns: support, providers, settings of consultations, documents.

The national lists are the union of all lists in use; labels from the programme's public pages,
whether a kind counts as pedagogue is our choice and a parameter of reporting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

CONSULTATION = "consultation"


@dataclass(frozen=True)
class Term:
    """A code with its labels and attributes."""

    code: str
    label_lv: str
    label_en: str
    attributes: Mapping[str, JsonValue] = field(default_factory=dict)


def _support(code: str, lv: str, en: str, kind: str | None = None) -> Term:
    """A support type; `kind` is its number among the compensations."""
    attributes: dict[str, JsonValue] = {"is_compensation": kind is not None, "compensation": kind}
    return Term(code=code, label_lv=lv, label_en=en, attributes=attributes)


def _provider(code: str, lv: str, en: str, *, pedagogue: bool) -> Term:
    """A kind of specialist."""
    attributes: dict[str, JsonValue] = {"counts_as_pedagogue": pedagogue}
    return Term(code=code, label_lv=lv, label_en=en, attributes=attributes)


def _plain(code: str, lv: str, en: str) -> Term:
    """A code without attributes."""
    return Term(code=code, label_lv=lv, label_en=en)


SUPPORT_TYPE = (
    _support(CONSULTATION, "konsultācijas / konsultatīvais atbalsts", "consultations"),
    _support(
        "public_transport",
        "sabiedriskā transporta biļešu kompensācija",
        "compensation of public transport tickets",
        "C1",
    ),
    _support(
        "accommodation",
        "naktsmītņu izdevumu kompensācija",
        "compensation of accommodation",
        "C2",
    ),
    _support("meals", "ēdināšanas izdevumu kompensācija", "compensation of meals", "C3"),
    _support(
        "learning_materials",
        "individuālo mācību līdzekļu iegādes izdevumu kompensācija",
        "compensation of individual learning materials",
        "C4",
    ),
    _support(
        "personal_items",
        "individuālās lietošanas priekšmetu iegādes izdevumu kompensācija",
        "compensation of items of individual use",
        "C5",
    ),
    _support(
        "special_transport",
        "speciālā transporta izdevumu kompensācija",
        "compensation of special transport",
        "C6",
    ),
    _support(
        "ngo_project",
        "iespēja iesaistīties jauniešu NVO projektos",
        "participation in a youth NGO project",
    ),
)
PROVIDER_KIND = (
    _provider("teacher", "pedagogs", "teacher", pedagogue=True),
    _provider("psychologist", "psihologs", "psychologist", pedagogue=False),
    _provider("social_pedagogue", "sociālais pedagogs", "social pedagogue", pedagogue=True),
    _provider("teacher_assistant", "pedagoga palīgs", "teacher assistant", pedagogue=True),
    _provider(
        "special_education_teacher",
        "speciālās izglītības pedagogs",
        "special education teacher",
        pedagogue=True,
    ),
    _provider(
        "sign_language_interpreter", "surdotulks", "sign-language interpreter", pedagogue=False
    ),
    _provider("assistant", "asistents", "assistant", pedagogue=False),
    _provider("occupational_therapist", "ergoterapeits", "occupational therapist", pedagogue=False),
    _provider("speech_therapist", "logopēds", "speech therapist", pedagogue=False),
)
CONSULTATION_SETTING = (
    _plain("in_lesson", "mācību stundā", "in a lesson"),
    _plain("after_lessons", "individuālā konsultācijā pēc stundām", "individually after lessons"),
    _plain(
        "subject_consultation",
        "papildu konsultācija mācību priekšmetā",
        "additional consultation in a subject",
    ),
)
DOCUMENT_KIND = (
    _plain(
        "individual_support_plan",
        "individuālais atbalsta plāns (IAP)",
        "individual support plan",
    ),
)
CODE_LISTS: Mapping[str, Sequence[Term]] = {
    "support_type": SUPPORT_TYPE,
    "provider_kind": PROVIDER_KIND,
    "consultation_setting": CONSULTATION_SETTING,
    "document_kind": DOCUMENT_KIND,
}

SUPPORT_TYPES = frozenset(entry.code for entry in SUPPORT_TYPE)
COMPENSATIONS = frozenset(e.code for e in SUPPORT_TYPE if e.attributes["is_compensation"])
PROVIDER_KINDS = frozenset(entry.code for entry in PROVIDER_KIND)
SETTINGS = frozenset(entry.code for entry in CONSULTATION_SETTING)
