"""What a count is: a cell of a level, a place, a period, a measure and a cut. Pure.

Periods are written `2017-09m` (month), `2017-1` (semester), `2017` (school year 2017/18), `all`.
A cut is text of code pairs, sorted: `grade=7`, `grade=7&grid=43`; empty for the whole.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

ALL = "all"
NOWHERE = ""
SMALL_GROUP_MIN = 5
PERIOD = r"^20\d\d(-[12]|-(0[1-9]|1[0-2])m)?$|^all$"
EDITION_PERIOD = r"^20\d\d(-[12])?$|^all$"
FIRST_MONTH_OF_SEMESTER_1 = 9


class Level(StrEnum):
    """Whose count it is; at `municipality` and `nation` a partner's part, to be added up."""

    SCHOOL = "school"
    PARTNER = "partner"
    MUNICIPALITY = "municipality"
    NATION = "nation"


class Mark(StrEnum):
    """What a published cell says instead of, or beside, its number."""

    VALUE = "value"
    ZERO = "zero"
    HIDDEN = "hidden"
    NOT_REPORTED = "not_reported"
    BLOCKED = "blocked"


class Place(NamedTuple):
    """Where something happened, as it was at that time."""

    school_id: str
    partner: str
    municipality_id: str


class Cell(NamedTuple):
    """The name of one count. Fields that do not apply at the level are empty."""

    level: str
    partner: str
    municipality_id: str
    school_id: str
    period: str
    measure: str
    cut: str

    @property
    def key(self) -> str:
        """The key of the aggregate on the bus and in the tables."""
        level, partner, municipality, school, period, measure, cut = self
        return (
            f"{level}|{partner}|{municipality or '-'}|{school or '-'}|{period}|{measure}"
            f"|{cut or '-'}"
        )


def cell_of_key(key: str) -> Cell:
    """The cell a key names; the opposite of `Cell.key`."""
    parts = ["" if part == "-" else part for part in key.split("|")]
    return Cell(*parts)


def cut_of(**pairs: str) -> str:
    """A cut of code pairs, sorted by name."""
    return "&".join(f"{name}={value}" for name, value in sorted(pairs.items()) if value)


def pairs_of(cut: str) -> tuple[tuple[str, str], ...]:
    """The code pairs of a cut, sorted by name."""
    if not cut:
        return ()
    return tuple((name, value) for name, _, value in (p.partition("=") for p in cut.split("&")))


def month_period(month: str) -> str:
    """The period of a month such as 2017-09."""
    return f"{month}m"


def semester_of_month(month: str) -> str:
    """The semester a calendar month belongs to: September to December the first."""
    year, number = int(month[:4]), int(month[5:7])
    return f"{year}-1" if number >= FIRST_MONTH_OF_SEMESTER_1 else f"{year - 1}-2"


def months_of(period: str) -> tuple[str, str]:
    """First and last month of a period, both included; `all` reaches over every month."""
    if period == ALL:
        return "2000-01", "2099-12"
    if period.endswith("m"):
        return period[:-1], period[:-1]
    year = int(period[:4])
    first, last = (f"{year}-09", f"{year}-12"), (f"{year + 1}-01", f"{year + 1}-08")
    if len(period) == 4:
        return first[0], last[1]
    return first if period[5] == "1" else last


def starts_on(period: str) -> str:
    """The first day of a period as text, by calendar months."""
    return f"{months_of(period)[0]}-01"


def periods_up(period: str) -> Iterator[str]:
    """A period and every longer one that contains it."""
    yield period
    if period == ALL:
        return
    if period.endswith("m"):
        semester = semester_of_month(period[:-1])
        yield semester
        period = semester
    if len(period) == 6:
        yield period[:4]
    yield ALL


def semesters_in(period: str) -> tuple[str, ...] | None:
    """The semesters of a semester or school year; None where all are meant."""
    if period == ALL:
        return None
    if period.endswith("m"):
        return (semester_of_month(period[:-1]),)
    return (period,) if len(period) == 6 else (f"{period}-1", f"{period}-2")


def related_periods(period: str) -> tuple[str, ...] | None:
    """The semester or year itself, what contains it and what it contains; None for all of them."""
    if period == ALL:
        return None
    inside = (f"{period}-1", f"{period}-2") if len(period) == 4 else ()
    return (*inside, *periods_up(period))
