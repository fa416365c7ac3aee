"""The synthetic population of `scenario.json`: who is where, who prepares, who gets what."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("scenario.json")

COMPENSATIONS = (
    "meals",
    "accommodation",
    "public_transport",
    "special_transport",
    "learning_materials",
    "personal_items",
)
ONCE = frozenset({"learning_materials", "personal_items"})
"""Given in the first month of a plan only; the others in every month."""


def numbers(ranges: Iterable[Sequence[int]]) -> Iterator[int]:
    """The numbers of ranges [first, last], both counted."""
    for first, last in ranges:
        yield from range(first, last + 1)


def year_of(semester: str) -> int:
    """First year of a semester's school year."""
    return int(semester.split("-", maxsplit=1)[0])


@dataclass(frozen=True)
class Attendance:
    """One school in one semester: its pupils, who prepares their plans and who consults.

    Pupils are numbers behind the prefix of the place; staff are names such as LT7 or LS1.
    """

    place: "Place"
    semester: str
    school: str
    new: tuple[int, ...]
    continued: tuple[int, ...]
    moved_in: tuple[int, ...]
    pedagogues: tuple[str, ...]
    consultants: tuple[str, ...]

    @property
    def stay(self) -> "Stay":
        """The place's semester this is a part of."""
        return self.place.stays[self.semester]

    @cached_property
    def pupils(self) -> tuple[int, ...]:
        """All pupils, in order."""
        return tuple(sorted((*self.new, *self.continued, *self.moved_in)))

    def preparer(self, pupil: int) -> str:
        """Who prepares the plan: the pedagogues take turns."""
        return self.pedagogues[self.pupils.index(pupil) % len(self.pedagogues)]

    def consultant(self, pupil: int) -> str:
        """Who consults: pedagogues and specialists take turns over the pupils to consult."""
        return self.consultants[self.consulted[pupil] % len(self.consultants)]

    @cached_property
    def consulted(self) -> dict[int, int]:
        """The pupils to consult, with their place in the row."""
        pupils = (n for n in self.pupils if self.place.gets(self.semester, n, "consultation"))
        return {number: turn for turn, number in enumerate(pupils)}


@dataclass(frozen=True)
class Stay:
    """One semester of a place, as the scenario keeps it."""

    semester: str
    first_day: date
    last_day: date
    as_of: date | None
    support_from: date
    support: dict[str, frozenset[int]]
    refused: tuple[int, ...]
    suspended: tuple[int, ...]
    suspended_on: date | None
    schools: tuple[Attendance, ...]


class Place:
    """A place of the five pages with its pupils, staff and semesters."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self.name: str = entry["place"]
        self.chain: tuple[str, ...] = tuple(entry["chain"])
        self.is_own_partner: bool = entry["partner"] == "school"
        self.programme: str = entry["programme"]
        self.pupil_prefix: str = entry["pupil_prefix"]
        self.staff_prefix: str = entry["staff_prefix"]
        self.youth_call: dict[str, Any] | None = entry.get("youth_call")
        self.cap_probe: dict[str, Any] | None = entry.get("cap_probe")
        self._entry = entry
        self.stays = {stay["semester"]: self._stay(stay) for stay in entry["semesters"]}

    def _stay(self, entry: dict[str, Any]) -> Stay:
        first = date.fromisoformat(entry["first_day"])
        suspended = entry.get("suspended", {"pupils": []})
        return Stay(
            semester=entry["semester"],
            first_day=first,
            last_day=date.fromisoformat(entry["last_day"]),
            as_of=date.fromisoformat(entry["as_of"]) if "as_of" in entry else None,
            support_from=date.fromisoformat(entry.get("support_from", entry["first_day"])),
            support={kind: frozenset(numbers(who)) for kind, who in entry["support"].items()},
            refused=tuple(numbers(entry.get("refused", {"pupils": []})["pupils"])),
            suspended=tuple(numbers(suspended["pupils"])),
            suspended_on=date.fromisoformat(suspended["on"]) if "on" in suspended else None,
            schools=tuple(self._attendance(entry["semester"], at) for at in entry["schools"]),
        )

    def _attendance(self, semester: str, at: dict[str, Any]) -> Attendance:
        def staff(ranges: list[list[int]]) -> tuple[str, ...]:
            return tuple(f"{self.staff_prefix}{n}" for n in numbers(ranges))

        return Attendance(
            place=self,
            semester=semester,
            school=at["school"],
            new=tuple(numbers(at["new"])),
            continued=tuple(numbers(at["continued"])),
            moved_in=tuple(numbers(at["moved_in"])),
            pedagogues=staff(at["pedagogues"]),
            consultants=(*staff(at["consulting"]), *at["specialists"]),
        )

    def gets(self, semester: str, pupil: int, kind: str) -> bool:
        """Whether a support type is delivered to a pupil in a semester."""
        return pupil in self.stays[semester].support.get(kind, frozenset())

    def supports(self, semester: str, pupil: int) -> tuple[str, ...]:
        """The types delivered to a pupil in a semester; none for who is suspended before."""
        return tuple(k for k, who in self.stays[semester].support.items() if pupil in who)

    def staff_kind(self, name: str) -> str:
        """Provider kind of a member of staff, such as teacher or psychologist."""
        kinds = self._entry["staff_kinds"]
        if name in self._entry["specialists"]:
            return str(self._entry["specialists"][name])
        number = int(name.removeprefix(self.staff_prefix))
        for kind, who in kinds.items():
            if kind != "default" and number in who:
                return str(kind)
        return str(kinds["default"])

    @property
    def specialists(self) -> tuple[str, ...]:
        """Staff who consult but prepare no plans."""
        return tuple(self._entry["specialists"])

    def entered(self, pupil: int) -> str:
        """The semester in which a pupil is first in a school's register."""
        for stay in self.stays.values():
            if pupil in stay.refused or any(pupil in at.new for at in stay.schools):
                return stay.semester
        raise KeyError(pupil)

    def grade(self, pupil: int, semester: str) -> int:
        """Grade or course of a pupil in a semester."""
        for group in self._entry["entry"]:
            first, last = group["pupils"]
            if first <= pupil <= last:
                start = group["grades"][(pupil - first) % len(group["grades"])]
                return int(start) + year_of(semester) - year_of(self.entered(pupil))
        raise KeyError(pupil)

    def signs_alone(self, pupil: int) -> bool:
        """Whether a pupil is an adult, who signs the application without a parent."""
        who = self._entry["signs_alone"]
        if who == "grade 4":
            return self.grade(pupil, self.entered(pupil)) == 4
        return pupil in set(numbers(who))

    @property
    def pupils(self) -> tuple[int, ...]:
        """Every pupil of the place, refused ones too."""
        found = {n for stay in self.stays.values() for at in stay.schools for n in at.pupils}
        return tuple(sorted(found | {n for stay in self.stays.values() for n in stay.refused}))

    @property
    def staff(self) -> dict[str, tuple[str, ...]]:
        """Members of staff with the schools they work at."""
        found: dict[str, dict[str, None]] = {}
        for stay in self.stays.values():
            for at in stay.schools:
                for name in (*at.pedagogues, *at.consultants):
                    found.setdefault(name, {})[at.school] = None
        return {name: tuple(schools) for name, schools in found.items()}


@dataclass(frozen=True)
class SchoolEntry:
    """A school of the pages."""

    id: str
    place: str
    name: str
    name_en: str
    kind: str
    status: str


@cache
def _file() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return kept


@cache
def places() -> tuple[Place, ...]:
    """The five places."""
    return tuple(Place(entry) for entry in _file()["places"])


def place(name: str) -> Place:
    """One place by its name."""
    return next(found for found in places() if found.name == name)


@cache
def schools() -> tuple[SchoolEntry, ...]:
    """All schools that the pages name."""
    return tuple(SchoolEntry(**entry) for entry in _file()["schools"])


def calendar() -> list[dict[str, Any]]:
    """Semesters of the country: first and last day, break, source."""
    entries: list[dict[str, Any]] = _file()["calendar"]
    return entries


def semesters() -> tuple[str, ...]:
    """The semesters in which somebody takes part, in order of time."""
    return tuple(sorted({semester for found in places() for semester in found.stays}))


def price_cents(kind: str) -> int:
    """Cents of a support type for what its price is said of: school day, month, plan, hour."""
    return int(_file()["prices_cents"][kind]["cents"])


def consultations_planned_a_month() -> int:
    """How many consultations a plan foresees in a month."""
    return int(_file()["consultations_planned_a_month"])


def hidden_in_public() -> tuple[str, ...]:
    """Figures whose cells no public edition may show."""
    return tuple(_file()["hidden_in_public"])
