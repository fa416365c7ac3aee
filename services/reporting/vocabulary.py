"""Code lists of reporting: its levels, subjects and purposes, measures, cuts and marks."""

from collections.abc import Mapping, Sequence

from services.reporting.domain import Mark
from services.reporting.measures import MEASURES
from shared.code_lists import CodeEntry


def _entry(code: str, lv: str, en: str) -> CodeEntry:
    return CodeEntry(code=code, label_lv=lv, label_en=en)


_CUT_LABELS: Mapping[str, Sequence[CodeEntry]] = {
    "support_type": (
        _entry("consultation", "konsultācijas", "consultations"),
        _entry("public_transport", "sabiedriskais transports", "public transport"),
        _entry("accommodation", "naktsmītnes", "accommodation"),
        _entry("meals", "ēdināšana", "meals"),
        _entry("learning_materials", "individuālie mācību līdzekļi", "learning materials"),
        _entry("personal_items", "individuālās lietošanas priekšmeti", "personal items"),
        _entry("special_transport", "speciālais transports", "special transport"),
        _entry("preparation", "plāna sagatavošana un uzraudzība", "plan preparation"),
        _entry("grant_instalment", "jauniešu projekta maksājums", "youth project instalment"),
    ),
    "programme": (
        _entry("general", "vispārējā izglītība", "general education"),
        _entry("vocational", "profesionālā izglītība", "vocational education"),
    ),
    "sex": (
        _entry("female", "meitenes", "girls"),
        _entry("male", "zēni", "boys"),
        _entry("unknown", "nav zināms", "not known"),
    ),
    "grade": tuple(
        _entry(str(grade), f"{grade}. klase vai kurss", f"grade or course {grade}")
        for grade in range(1, 13)
    ),
    "risk_group": (
        _entry("R1", "mācību darba un iestādes vides riski", "learning and school environment"),
        _entry("R2", "sociālās vides un veselības riski", "social environment and health"),
        _entry("R3", "ekonomiskie riski", "economic risks"),
        _entry("R4", "ar ģimeni saistītie riski", "family risks"),
    ),
}
CODE_LISTS: Mapping[str, Sequence[CodeEntry]] = {
    "reporting_level": (
        _entry("state", "valsts līmenis", "state level"),
        _entry("municipality", "pašvaldības līmenis", "municipality level"),
        _entry("school", "skolas līmenis", "school level"),
    ),
    "reporting_subject": (
        _entry(
            "pupils_at_risk", "identificētie izglītojamie ar risku", "pupils identified at risk"
        ),
        _entry(
            "preventive_measures", "veiktie preventīvie pasākumi", "preventive measures carried out"
        ),
        _entry("results", "pasākumu rezultāti", "results of the measures"),
    ),
    "reporting_purpose": (
        _entry("full_statistics", "pilnvērtīga statistika", "full statistics"),
        _entry(
            "long_term_effect",
            "pasākumu efektivitātes izvērtēšana ilgtermiņā",
            "long-term evaluation of effects",
        ),
    ),
    "measure": tuple(_entry(m.code, m.label_lv, m.label_en) for m in MEASURES.values()),
    "mark": (
        _entry(Mark.VALUE.value, "skaitlis", "a number"),
        _entry(Mark.ZERO.value, "nulle", "zero"),
        _entry(Mark.HIDDEN.value, "slēpts, lai pasargātu mazas grupas", "hidden: small group"),
        _entry(Mark.NOT_REPORTED.value, "nav ziņots", "not reported"),
        _entry(Mark.BLOCKED.value, "aizturēts līdz lēmumam", "held back until decided"),
    ),
    **{f"cut_{name}": entries for name, entries in _CUT_LABELS.items()},
}


def labels(name: str, value: str) -> tuple[str, str]:
    """The Latvian and English label of a value of a cut; the value itself where it has none."""
    for entry in _CUT_LABELS.get(name, ()):
        if entry.code == value:
            return entry.label_lv, entry.label_en
    return value, value
