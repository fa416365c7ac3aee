"""The rules in force for a plan: parameters by day and place, semesters, schools; loaded at once.

Pure: the store fills a `Rulebook`, actions ask it. Sources of the values stand with the values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.plans.domain import Step
from shared.calendar import month_bounds
from shared.errors import NotFound, Refused

STATE_LEVEL = "state"
MONTH_LETTERS = 7


@dataclass(frozen=True)
class InForce:
    """One value of a parameter at a place with its first and last day."""

    place: str
    valid_from: date
    valid_to: date | None
    value: Any


@dataclass(frozen=True)
class SchoolFacts:
    """What the chain and the money need of a school."""

    school_id: str
    partner: str
    municipality_id: str
    state_vocational: bool

    @property
    def places(self) -> tuple[str, ...]:
        """Where its parameters may be set, the nearest first."""
        return (self.school_id, self.partner, self.municipality_id, STATE_LEVEL)

    @property
    def chain(self) -> tuple[Step, ...]:
        """The levels that approve its plans; a state vocational school has no municipal one."""
        if self.state_vocational:
            return (Step.HEAD, Step.STATE)
        return (Step.HEAD, Step.MUNICIPALITY, Step.STATE)


class RuleMissing(NotFound):
    """A parameter that this needs has no value there on that day; the state sets it first."""

    code = "parameter-missing"


class SchoolUnknown(NotFound):
    """The school is not in the register yet."""

    code = "school-unknown"


class SemesterUnknown(NotFound):
    """The calendar does not know this semester."""

    code = "unknown-semester"


class BeforePlaceStart(Refused):
    """The place takes part only from a later day on."""

    code = "before-place-start"


class AfterProjectEnd(Refused):
    """Nothing is planned after the approved end of the programme."""

    code = "after-project-end"


class OutsideSemester(Refused):
    """A plan lies inside one semester."""

    code = "outside-semester"


class DatesReversed(Refused):
    """A plan ends on or after the day it begins."""

    code = "dates-reversed"


class SemesterOver(Refused):
    """The semester is over; carry the plan on into the next one."""

    code = "semester-over"


@dataclass(frozen=True)
class Rulebook:
    """Parameters by name, semesters by (semester, place), schools by id."""

    parameters: Mapping[str, Sequence[InForce]]
    semesters: Mapping[tuple[str, str], tuple[date, date]]
    schools: Mapping[str, SchoolFacts]

    def school(self, school_id: str) -> SchoolFacts:
        """A school; raises SchoolUnknown."""
        if school_id not in self.schools:
            raise SchoolUnknown(school_id=school_id)
        return self.schools[school_id]

    def value(self, name: str, day: date, *places: str) -> Any:
        """The value in force on a day at the first place that has one, at last the state's."""
        found = self.value_or_none(name, day, *places)
        if found is None:
            raise RuleMissing(name=name, day=day.isoformat(), places=list(places))
        return found

    def value_or_none(self, name: str, day: date, *places: str) -> Any:
        """The same, None where there is no value."""
        for place in (*places, STATE_LEVEL):
            for rule in self.parameters.get(name, ()):
                ends = rule.valid_to or date.max
                if rule.place == place and rule.valid_from <= day <= ends:
                    return rule.value
        return None

    def first_value(self, name: str, *places: str) -> Any:
        """The earliest value a parameter has at the nearest place, whatever the day, or None."""
        for place in (*places, STATE_LEVEL):
            rules = [rule for rule in self.parameters.get(name, ()) if rule.place == place]
            if rules:
                return min(rules, key=lambda rule: rule.valid_from).value
        return None

    def dates(self, semester: str, school_id: str) -> tuple[date, date]:
        """First and last day of a semester: the school's own, the municipality's, the country's."""
        school = self.schools.get(school_id)
        for place in (school_id, school.municipality_id if school else "", ""):
            if (semester, place) in self.semesters:
                return self.semesters[semester, place]
        raise SemesterUnknown(field="semester", semester=semester)

    def check_dates(self, semester: str, school: SchoolFacts, first: date, last: date) -> None:
        """Refuse dates outside semester, before the place's start or after the project's end."""
        if last < first:
            raise DatesReversed(field="valid_to")
        opens, closes = self.dates(semester, school.school_id)
        if first < opens or closes < last:
            raise OutsideSemester(
                field="valid_from" if first < opens else "valid_to",
                first_day=opens.isoformat(),
                last_day=closes.isoformat(),
            )
        start = first_day_of(self.first_value("place_start", *school.places))
        if start is not None and first < start:
            raise BeforePlaceStart(field="valid_from", place_start=start.isoformat())
        end = last_day_of(self.value("project_end", last, *school.places))
        if end is not None and last > end:
            raise AfterProjectEnd(field="valid_to", project_end=end.isoformat())


def first_day_of(text: str | None) -> date | None:
    """The first day that a date, month or year written as text can mean."""
    if text is None:
        return None
    if len(text) == MONTH_LETTERS:
        return month_bounds(text)[0]
    return date(int(text), 1, 1) if len(text) == 4 else date.fromisoformat(text)


def last_day_of(text: str | None) -> date | None:
    """The last day that a date, month or year written as text can mean."""
    if text is None:
        return None
    if len(text) == MONTH_LETTERS:
        return month_bounds(text)[1]
    return date(int(text), 12, 31) if len(text) == 4 else date.fromisoformat(text)
