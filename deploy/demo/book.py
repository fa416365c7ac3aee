"""What the demo remembers while it runs: references and ids the services gave, and its tools."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from deploy.demo.client import Doors
from deploy.demo.plan_lines import months
from deploy.demo.report import Diary, Verdict
from deploy.demo.scenario import Attendance, Place

RIGA = ZoneInfo("Europe/Riga")
T = TypeVar("T")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of the programme, in Riga's time."""
    return datetime.combine(day, time(hour, minute), tzinfo=RIGA)


@dataclass(frozen=True)
class PlanMade:
    """A plan as plans answered: its id and the ids of its measures by support type."""

    plan_id: str
    place: Place
    school: str
    pupil: int
    semester: str
    preparer: str
    measures: dict[str, str]

    @property
    def key(self) -> str:
        """Our own name of the pupil."""
        return f"{self.place.pupil_prefix}{self.pupil}"

    @property
    def months(self) -> tuple[str, ...]:
        """The months in which the plan's support is delivered."""
        return months(self.attendance.stay)

    @property
    def attendance(self) -> Attendance:
        """The school and semester of the plan."""
        schools = self.place.stays[self.semester].schools
        return next(school for school in schools if school.school == self.school)


@dataclass
class Book:
    """Doors, diary and everything the services answered that is needed later."""

    doors: Doors
    diary: Diary
    bootstrap: str
    pupils: dict[str, str] = field(default_factory=dict)
    staff: dict[str, str] = field(default_factory=dict)
    plans: dict[tuple[str, str], PlanMade] = field(default_factory=dict)
    consultations: dict[str, list[str]] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    returned_order: str | None = None
    voucher_orders: set[str] = field(default_factory=set)
    extra: dict[str, object] = field(default_factory=dict)

    def pupil_ref(self, where: Place, pupil: int) -> str:
        """Reference of a pupil, as identification gave it."""
        return self.pupils[f"{where.pupil_prefix}{pupil}"]

    def plans_at(self, attendance: Attendance) -> list[PlanMade]:
        """The plans of a school in a semester, in the order of pupils."""
        prefix = attendance.place.pupil_prefix
        keys = ((attendance.semester, f"{prefix}{pupil}") for pupil in attendance.pupils)
        return [self.plans[key] for key in keys if key in self.plans]

    def plans_of(self, where: Place, semester: str) -> list[PlanMade]:
        """The plans of a place in a semester, school after school."""
        return [made for at in where.stays[semester].schools for made in self.plans_at(at)]

    def keep(self, verdict: Verdict) -> None:
        """Remember what a figure was found to be."""
        self.verdicts[verdict.id] = verdict


def grouped(things: Iterable[T], keys: Iterable[str]) -> dict[str, list[T]]:
    """Things by key, in order."""
    found: dict[str, list[T]] = {}
    for thing, key in zip(things, keys, strict=True):
        found.setdefault(key, []).append(thing)
    return found


def chunks(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Things in rows of at most so many."""
    for start in range(0, len(things), size):
        yield things[start : start + size]
