"""What kind of day a day is at a school: a school day, a weekend, a day off, a break, or unknown.

Pure. Dates are register data, per semester, place and grade; without them only weekends are known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.calendar import SATURDAY

Span = tuple[date, date]
"""First and last day, both included."""
EVERYWHERE = ""
"""The place of the country's own entries."""


class DayKind(StrEnum):
    """What a day is at a school; `unknown` where no calendar says anything of it."""

    SCHOOL_DAY = "school_day"
    WEEKEND = "weekend"
    DAY_OFF = "day_off"
    BREAK = "break"
    OUTSIDE = "outside_semester"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class GradeDays:
    """Where a grade or course differs from the semester's dates; None: as the semester says."""

    programme: str
    grade: int
    first_day: date | None = None
    last_day: date | None = None
    breaks: tuple[Span, ...] = ()


@dataclass(frozen=True)
class SemesterDates:
    """First and last day of a semester, its breaks, single days off and school days more."""

    semester: str
    first_day: date
    last_day: date
    breaks: tuple[Span, ...]
    days_off: frozenset[date] = frozenset()
    extra_days: frozenset[date] = frozenset()
    grades: tuple[GradeDays, ...] = ()

    def of_grade(self, programme: str | None, grade: int | None) -> tuple[date, date, list[Span]]:
        """First day, last day and breaks of a grade or course."""
        for own in self.grades:
            if (own.programme, own.grade) == (programme, grade):
                first, last = own.first_day or self.first_day, own.last_day or self.last_day
                return first, last, [*self.breaks, *own.breaks]
        return self.first_day, self.last_day, list(self.breaks)


Calendar = Mapping[tuple[str, str], SemesterDates]
"""All entries, by semester and place: a school's id, a municipality's number, or EVERYWHERE."""


@dataclass
class SchoolDays:
    """The days of one school and grade; answers are remembered."""

    semesters: Mapping[str, SemesterDates]
    programme: str | None = None
    grade: int | None = None
    _kinds: dict[date, DayKind] = field(default_factory=dict)

    @classmethod
    def of(
        cls, calendar: Calendar, *places: str, programme: str | None, grade: int | None
    ) -> "SchoolDays":
        """The days at a school; of several places the first that has a semester gives it."""
        found: dict[str, SemesterDates] = {}
        for place in (*places, EVERYWHERE):
            for (semester, where), dates in calendar.items():
                if where == place:
                    found.setdefault(semester, dates)
        return cls(dict(sorted(found.items())), programme, grade)

    def kind(self, day: date) -> DayKind:
        """What a day is here."""
        known = self._kinds.get(day)
        if known is None:
            known = self._kinds[day] = self._look(day)
        return known

    def in_semester(self, day: date) -> bool:
        """Whether a day lies in a semester, school day or not."""
        return any(
            first <= day <= last
            for first, last, _ in (
                dates.of_grade(self.programme, self.grade) for dates in self.semesters.values()
            )
        )

    def _look(self, day: date) -> DayKind:
        """A day more comes first, then the weekend, then what the semester says."""
        if any(day in dates.extra_days for dates in self.semesters.values()):
            return DayKind.SCHOOL_DAY
        if day.weekday() >= SATURDAY:
            return DayKind.WEEKEND
        for dates in self.semesters.values():
            first, last, breaks = dates.of_grade(self.programme, self.grade)
            if day in dates.days_off:
                return DayKind.DAY_OFF
            if first <= day <= last:
                off = any(start <= day <= end for start, end in breaks)
                return DayKind.BREAK if off else DayKind.SCHOOL_DAY
        return DayKind.OUTSIDE if self._is_between(day) else DayKind.UNKNOWN

    def _is_between(self, day: date) -> bool:
        """Whether a day of no semester lies where the calendar is known: between two, in summer."""
        for code, dates in self.semesters.items():
            year = int(code[:4])
            if code.endswith("-2"):
                if dates.last_day < day <= date(year + 1, 8, 31):
                    return True
                continue
            second = self.semesters.get(f"{year}-2")
            if date(year, 7, 1) <= day < dates.first_day:
                return True
            if second is not None and dates.last_day < day < second.first_day:
                return True
        return False
