"""The columns of the public tables, how they are nested, and which add up to which. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.reporting.measures import MEASURES, RISK_GROUPS, SUPPORT_TYPES
from services.reporting.vocabulary import labels

GRADES = tuple(str(grade) for grade in range(1, 13))
PROGRAMMES = ("general", "vocational")
SEXES = ("female", "male", "unknown")
PAID_TYPES = (*SUPPORT_TYPES, "preparation")


@dataclass(frozen=True)
class Column:
    """One column: a measure, cut or whole. `guards` names the column whose small groups it shows.

    A column of persons guards itself; money is guarded by the persons it was paid for; what is
    about institutions guards nothing.
    """

    code: str
    measure: str
    cut: str
    label_lv: str
    label_en: str
    guarded_by: str | None


def _whole(measure: str, *, guarded: bool = True) -> Column:
    known = MEASURES[measure]
    return Column(
        measure, measure, "", known.label_lv, known.label_en, measure if guarded else None
    )


def _cut(measure: str, name: str, value: str, *, guarded_by: str | None = None) -> Column:
    code = f"{measure}.{value}"
    lv, en = labels(name, value)
    known = MEASURES[measure]
    return Column(
        code,
        measure,
        f"{name}={value}",
        f"{known.label_lv}: {lv}",
        f"{known.label_en}: {en}",
        guarded_by or code,
    )


MAIN = (
    _whole("pupils_at_risk"),
    _whole("plans"),
    _whole("pupils_involved"),
    _whole("pupils_supported"),
    _whole("schools_involved", guarded=False),
    _whole("pedagogues_involved"),
    _whole("support_providers_involved"),
)
TYPES = tuple(_cut("pupils_by_support_type", "support_type", code) for code in SUPPORT_TYPES)
GROUPS = (
    *(_cut("pupils_involved", "programme", code) for code in PROGRAMMES),
    *(_cut("pupils_involved", "sex", code) for code in SEXES),
    *(_cut("pupils_involved", "grade", code) for code in GRADES),
    *(_cut("pupils_involved", "risk_group", code) for code in RISK_GROUPS),
)


def _paid_for(support_type: str) -> str:
    known = support_type in SUPPORT_TYPES
    return f"pupils_by_support_type.{support_type}" if known else "plans"


MONEY = tuple(
    _cut(f"{state}_cents", "support_type", code, guarded_by=_paid_for(code))
    for state in ("ordered", "settled", "accepted")
    for code in PAID_TYPES
)
SPENT = frozenset(column.code for column in MONEY if column.measure == "ordered_cents")
YOUTH = (
    _whole("calls_opened", guarded=False),
    _whole("projects_contracted", guarded=False),
    _whole("project_cents", guarded=False),
    _whole("projects_accepted", guarded=False),
    _whole("project_participants"),
    _whole("project_participants_at_risk"),
)
COLUMNS: Mapping[str, Column] = {
    column.code: column for column in (*MAIN, *TYPES, *GROUPS, *MONEY, *YOUTH)
}

NESTED = (
    ("pupils_at_risk", "pupils_involved"),
    ("plans", "pupils_involved"),
    ("pupils_involved", "pupils_supported"),
    *(("pupils_supported", column.code) for column in TYPES),
    *(("pupils_involved", f"pupils_involved.{group}") for group in RISK_GROUPS),
    ("project_participants", "project_participants_at_risk"),
)
"""Whoever is counted in the second is counted in the first: their difference is a group too."""
DIVIDED = tuple(
    ("pupils_involved", tuple(f"pupils_involved.{part}" for part in parts))
    for parts in (PROGRAMMES, SEXES, GRADES)
)
"""The first is the sum of the others, apart from pupils who changed theirs within the period."""


class Rows(StrEnum):
    """What the rows of a table are; groups of pupils are printed for the nation alone."""

    NATION = "nation"
    MUNICIPALITIES = "municipalities"
    SCHOOLS = "schools"


@dataclass(frozen=True)
class Table:
    """One public table: its name, labels and columns, and what its rows are."""

    name: str
    label_lv: str
    label_en: str
    columns: tuple[Column, ...]
    rows: Rows = Rows.MUNICIPALITIES


TABLES = (
    Table("municipalities", "Pašvaldības", "Municipalities", MAIN),
    Table("support-types", "Atbalsta veidi", "Support types", TYPES),
    Table("groups", "Izglītojamo grupas", "Groups of pupils", GROUPS, Rows.NATION),
    Table("money", "Izdevumi, centi", "Money, cents", MONEY),
    Table("youth-projects", "Jauniešu projekti", "Youth projects", YOUTH),
    Table("schools", "Izglītības iestādes", "Schools", (*MAIN, *TYPES), Rows.SCHOOLS),
)
_OF_SCHOOLS = frozenset(column.code for column in (*MAIN, *TYPES))
_OF_THE_NATION = frozenset(column.code for column in GROUPS)


def is_printed_for(column: str, *, nation: bool, school: bool) -> bool:
    """Whether a column has a cell for such a place at all."""
    if school:
        return column in _OF_SCHOOLS
    return nation or column not in _OF_THE_NATION
