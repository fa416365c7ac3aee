"""The measures: what each counts, how it adds up, and how they are nested. Pure.

`distinct` measures are counted anew at every level and period, because persons at two schools
are one person in the municipality; `sum` measures are told by school and month (or semester)
and added by whoever reads. Definitions: README of this service, "Measures".
"""

from dataclasses import dataclass
from enum import StrEnum

COMPENSATIONS = (
    "public_transport",
    "accommodation",
    "meals",
    "learning_materials",
    "personal_items",
    "special_transport",
)
CONSULTATION = "consultation"
SUPPORT_TYPES = (CONSULTATION, *COMPENSATIONS)
RISK_GROUPS = ("R1", "R2", "R3", "R4")
NEVER_BY_SCHOOL = "risk_group=R2"
"""Health and social risks are not counted for a school, nor for a partner that is one school."""


class How(StrEnum):
    """How a measure adds up."""

    DISTINCT = "distinct"
    SUM = "sum"
    DERIVED = "derived"


class Unit(StrEnum):
    """What is counted; persons are protected in public."""

    PUPILS = "pupils"
    PERSONS = "persons"
    PLANS = "plans"
    SCHOOLS = "schools"
    CENTS = "cents"
    PROJECTS = "projects"
    MEASURES = "measures"
    GRADES = "grades"
    YEARS = "school years"


@dataclass(frozen=True)
class Measure:
    """One measure with its labels."""

    code: str
    how: How
    unit: Unit
    label_lv: str
    label_en: str


def _distinct(code: str, unit: Unit, lv: str, en: str) -> Measure:
    return Measure(code, How.DISTINCT, unit, lv, en)


def _sum(code: str, unit: Unit, lv: str, en: str) -> Measure:
    return Measure(code, How.SUM, unit, lv, en)


def _derived(code: str, unit: Unit, lv: str, en: str) -> Measure:
    return Measure(code, How.DERIVED, unit, lv, en)


MONEY = (
    "planned",
    "ordered",
    "settled",
    "returned",
    "recovered",
    "accepted",
    "reduced",
    "rejected",
)
"""States of money. The last three are the state's verdict on what was paid: what counts towards
the programme, what was taken off orders that count in part, and what does not count at all."""
_MONEY_LV = (
    "plānots",
    "uzdots maksāt",
    "samaksāts",
    "bankas atgriezts",
    "atgūts",
    "atzīts",
    "samazināts pārbaudē",
    "noraidīts pārbaudē",
)


def _money() -> list[Measure]:
    """Cents by state of the payment: whole, ESF part, state part."""
    found = []
    for state, lv in zip(MONEY, _MONEY_LV, strict=True):
        found += [
            _sum(f"{state}_cents", Unit.CENTS, f"{lv}, centi", f"{state}, cents"),
            _sum(f"{state}_esf_cents", Unit.CENTS, f"{lv}, ESF daļa", f"{state}, ESF part"),
            _derived(f"{state}_state_cents", Unit.CENTS, f"{lv}, valsts daļa", f"{state}, state"),
        ]
    return found


ALLOCATIONS = ("allocated", "reserved", "ordered", "settled", "waiting", "left")
_ALLOCATIONS_LV = ("piešķirts", "rezervēts", "uzdots maksāt", "samaksāts", "gaida", "atlicis")


def _allocations() -> list[Measure]:
    """Cents of a partner's allocation of a semester, as payments told last how it stands."""
    return [
        _sum(allocation_measure(part), Unit.CENTS, f"piešķīrums, {lv}", f"allocation: {part}")
        for part, lv in zip(ALLOCATIONS, _ALLOCATIONS_LV, strict=True)
    ]


def allocation_measure(part: str) -> str:
    """The measure of one part of an allocation."""
    return f"allocation_{part}_cents"


_ALL = (
    _distinct("pupils_at_risk", Unit.PUPILS, "izglītojamie ar risku", "pupils at risk"),
    _distinct("pupils_involved", Unit.PUPILS, "iesaistītie izglītojamie", "pupils involved"),
    _distinct("pupils_supported", Unit.PUPILS, "atbalstu saņēmušie", "pupils supported"),
    _distinct(
        "pupils_by_support_type",
        Unit.PUPILS,
        "izglītojamie pēc atbalsta veida",
        "pupils by support type",
    ),
    _distinct("schools_involved", Unit.SCHOOLS, "iesaistītās iestādes", "schools involved"),
    _distinct("pedagogues_involved", Unit.PERSONS, "iesaistītie pedagogi", "pedagogues involved"),
    _distinct(
        "support_providers_involved",
        Unit.PERSONS,
        "atbalsta sniedzēji",
        "support providers involved",
    ),
    _sum("plans", Unit.PLANS, "individuālie atbalsta plāni", "plans"),
    _sum("plans_closed", Unit.PLANS, "izvērtētie plāni", "plans evaluated and closed"),
    _sum("plans_continuing", Unit.PLANS, "plāni, ko turpina", "closed plans to be continued"),
    _sum("measures_done", Unit.MEASURES, "īstenotie pasākumi", "measures done"),
    _sum("measures_partly", Unit.MEASURES, "daļēji īstenotie", "measures partly done"),
    _sum("measures_not_done", Unit.MEASURES, "neīstenotie", "measures not done"),
    _sum("risks_reduced", Unit.MEASURES, "mazinātie riski", "risks reduced"),
    _sum("risks_same", Unit.MEASURES, "nemainīgie riski", "risks unchanged"),
    _sum("risks_worse", Unit.MEASURES, "pieaugušie riski", "risks grown"),
    *_money(),
    *_allocations(),
    _sum("calls_opened", Unit.PROJECTS, "jauniešu projektu konkursi", "youth calls opened"),
    _sum("projects_contracted", Unit.PROJECTS, "noslēgtie līgumi", "youth projects contracted"),
    _sum("project_cents", Unit.CENTS, "projektu finansējums", "youth projects, contracted cents"),
    _sum("projects_accepted", Unit.PROJECTS, "pieņemtie projekti", "youth projects accepted"),
    _sum("project_participants", Unit.PUPILS, "projektu dalībnieki", "project participants"),
    _sum(
        "project_participants_at_risk",
        Unit.PUPILS,
        "dalībnieki ar risku",
        "project participants at risk",
    ),
    _derived("grade_range", Unit.GRADES, "klašu diapazons", "lowest and highest grade"),
    _derived("school_years_running", Unit.YEARS, "mācību gads pēc kārtas", "school years running"),
    _derived("pupils_in_force", Unit.PUPILS, "spēkā esošs plāns", "pupils with a plan in force"),
)
MEASURES = {measure.code: measure for measure in _ALL}
AS_OF_ONLY = frozenset({"pupils_in_force"})
STAFF_MEASURES = frozenset({"pedagogues_involved", "support_providers_involved"})
RESULTS = (
    "measures_done",
    "measures_partly",
    "measures_not_done",
    "risks_reduced",
    "risks_same",
    "risks_worse",
)


def parts_of(measure: str) -> tuple[str, str] | None:
    """Of a state part of money, the whole and the ESF part it is the difference of."""
    state, _, rest = measure.rpartition("_state_")
    return (f"{state}_cents", f"{state}_esf_cents") if rest == "cents" and state else None
