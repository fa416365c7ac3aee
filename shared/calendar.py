"""School years, semesters and months as plain values; the dates themselves are register data."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

TIMEZONE = ZoneInfo("Europe/Riga")
SATURDAY = 5
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
CalendarDay = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A day as somebody writes it: of this century, as every month and semester is."""
CalendarInstant = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2099, 12, 31, tzinfo=UTC)),
]
"""A moment as somebody writes it, with its offset."""


def month_of(day: date) -> str:
    """The month of a day as year-month: 2017-09."""
    return f"{day.year}-{day.month:02d}"


def months_between(first: date, last: date) -> list[str]:
    """All months that hold a day of the period, in order; empty when last is before first."""
    months: list[str] = []
    if last < first:
        return months
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        months.append(f"{year}-{month:02d}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months


def month_bounds(month: str) -> tuple[date, date]:
    """First and last day of a month such as 2017-09."""
    year, number = int(month[:4]), int(month[5:7])
    following = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1), following - timedelta(days=1)


def school_year_of(semester: str) -> str:
    """The school year of a semester by its first year: 2017-2 belongs to 2017 (2017/18)."""
    return semester[:4]


def semester_begins(semester: str) -> date:
    """The day from which rules count for a semester: 1 September or 1 January."""
    year, half = int(semester[:4]), semester[5]
    return date(year, 9, 1) if half == "1" else date(year + 1, 1, 1)


def next_semester(semester: str) -> str:
    """The semester that follows: 2017-1, 2017-2, 2018-1."""
    year, half = int(semester[:4]), semester[5]
    return f"{year}-2" if half == "1" else f"{year + 1}-1"


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included."""
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def school_days(first: date, last: date, breaks: Sequence[tuple[date, date]]) -> list[date]:
    """Days of the period that are neither on a weekend nor in a break (both ends included)."""
    return [
        day
        for day in days_between(first, last)
        if day.weekday() < SATURDAY and not any(start <= day <= end for start, end in breaks)
    ]


def age_on(born: date, day: date) -> int:
    """Whole years of age on a day; who is born on 29 February has the birthday on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def birthday(born: date, years: int) -> date:
    """The day a person becomes so many years old."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)
