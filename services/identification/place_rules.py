"""What an entry of a municipality, a school or a semester must fulfil before it is kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import pairwise

from services.identification.entries import MunicipalityEntry, SchoolEntry, SemesterEntry
from services.identification.schooling import HIGHEST, GradeOutOfRange
from shared.errors import Invalid, Refused
from shared.registration_number import check_registration_number


class PeriodReversed(Invalid):
    """The last day of a period lies before its first."""

    code = "period-reversed"


class CodesOverlap(Refused):
    """Two territory codes of one municipality hold on the same day."""

    code = "codes-overlap"


class UnknownSuccessor(Refused):
    """The register has no municipality of the number that is to be the successor."""

    code = "unknown-successor"


class SuccessorOfItself(Refused):
    """A municipality cannot follow itself, neither at once nor by way of others."""

    code = "successor-of-itself"


class UnknownMunicipality(Refused):
    """The register has no municipality of this number."""

    code = "unknown-municipality"


class WrongPartner(Refused):
    """A state school is its own partner; every other school's partner is a municipality."""

    code = "wrong-partner"


class UnknownSchoolKind(Refused):
    """The code list has no school of this kind."""

    code = "unknown-school-kind"


class OutsideSchoolYear(Invalid):
    """These days do not lie in the half of the school year that the semester's code names."""

    code = "outside-school-year"


class BreakOutsideSemester(Invalid):
    """A break lies inside its semester, and its last day is not before its first."""

    code = "break-outside-semester"


class TwoPlaces(Invalid):
    """A semester is the country's, a municipality's or a school's; name one place or none."""

    code = "two-places"


class DayOutsideSemester(Invalid):
    """A day off or a school day more lies inside its semester."""

    code = "day-outside-semester"


class DayOffAndMore(Invalid):
    """The same day cannot be a day off and a school day more."""

    code = "day-off-and-more"


class GradeTwice(Invalid):
    """A grade or course has dates of its own once in a semester."""

    code = "grade-twice"


def check_municipality(entry: MunicipalityEntry) -> None:
    """Raise NotARegistrationNumber, PeriodReversed, CodesOverlap, SuccessorOfItself."""
    check_registration_number(entry.municipality_id, field="municipality_id")
    _check_period(entry.valid_from, entry.valid_to, field="valid_to")
    spans = sorted(
        (code.valid_from or date.min, code.valid_to or date.max, code.code) for code in entry.codes
    )
    for first, last, code in spans:
        _check_period(first, last, field=f"codes.{code}")
    for (_, last, one), (first, _, other) in pairwise(spans):
        if first <= last:
            raise CodesOverlap(field="codes", codes=[one, other])
    if entry.successor_id == entry.municipality_id:
        raise SuccessorOfItself(field="successor_id")


def check_successors(entry: MunicipalityEntry, successors: Mapping[str, str | None]) -> None:
    """Raise UnknownSuccessor or SuccessorOfItself; `successors` has all known municipalities."""
    if entry.successor_id is not None and entry.successor_id not in successors:
        raise UnknownSuccessor(field="successor_id", successor_id=entry.successor_id)
    seen = {entry.municipality_id}
    following = entry.successor_id
    while following is not None:
        if following in seen:
            raise SuccessorOfItself(field="successor_id")
        seen.add(following)
        following = successors.get(following)


def check_school(
    entry: SchoolEntry, *, municipalities: Collection[str], kinds: Collection[str]
) -> None:
    """Raise what is wrong with a school's entry, the first thing first."""
    if entry.school_kind not in kinds:
        raise UnknownSchoolKind(field="school_kind", known=sorted(kinds))
    _check_period(entry.valid_from, entry.valid_to, field="valid_to")
    check_registration_number(entry.partner, field="partner")
    if entry.municipality_id not in municipalities:
        raise UnknownMunicipality(field="municipality_id", municipality_id=entry.municipality_id)
    is_municipality = entry.partner in municipalities
    if entry.state_vocational == is_municipality:
        raise WrongPartner(field="partner", partner=entry.partner)


def check_semester(entry: SemesterEntry) -> None:
    """Raise what is wrong with the dates of a semester, the first thing first."""
    if entry.school_id is not None and entry.municipality_id is not None:
        raise TwoPlaces(field="municipality_id")
    _check_period(entry.first_day, entry.last_day, field="last_day")
    first, last = half_of_school_year(entry.semester)
    if not first <= entry.first_day <= entry.last_day <= last:
        raise OutsideSchoolYear(
            field="first_day", earliest=first.isoformat(), latest=last.isoformat()
        )
    for start, end in entry.breaks:
        if not entry.first_day <= start <= end <= entry.last_day:
            raise BreakOutsideSemester(field="breaks", first=start.isoformat())
    _check_single_days(entry)
    _check_grades(entry, first, last)


def _check_single_days(entry: SemesterEntry) -> None:
    """Raise DayOutsideSemester or DayOffAndMore."""
    for name in ("days_off", "extra_days"):
        for day in getattr(entry, name):
            if not entry.first_day <= day <= entry.last_day:
                raise DayOutsideSemester(field=name, day=day.isoformat())
    both = set(entry.days_off) & set(entry.extra_days)
    if both:
        raise DayOffAndMore(field="extra_days", day=min(both).isoformat())


def _check_grades(entry: SemesterEntry, earliest: date, latest: date) -> None:
    """Raise what is wrong with the dates of grades, the first thing first."""
    seen = set()
    for own in entry.grades:
        highest = HIGHEST[own.programme]
        if own.grade > highest:
            raise GradeOutOfRange(field="grades", programme=own.programme, highest=highest)
        if (own.programme, own.grade) in seen:
            raise GradeTwice(field="grades", programme=own.programme, grade=own.grade)
        seen.add((own.programme, own.grade))
        first, last = own.first_day or entry.first_day, own.last_day or entry.last_day
        _check_period(first, last, field="grades")
        if not earliest <= first <= last <= latest:
            raise OutsideSchoolYear(
                field="grades", earliest=earliest.isoformat(), latest=latest.isoformat()
            )
        for start, end in own.breaks:
            if not first <= start <= end <= last:
                raise BreakOutsideSemester(field="grades", first=start.isoformat())


def half_of_school_year(semester: str) -> tuple[date, date]:
    """The widest days of a semester: July to January, January to August."""
    year = int(semester[:4])
    if semester.endswith("-1"):
        return date(year, 7, 1), date(year + 1, 1, 31)
    return date(year + 1, 1, 1), date(year + 1, 8, 31)


def semester_near(ends: Sequence[tuple[str, date]], *, day: date) -> str | None:
    """The semester of a day: the first that is not over; `ends` are codes with last days."""
    open_ones = sorted((last, code) for code, last in ends if last >= day)
    return open_ones[0][1] if open_ones else None


def _check_period(first: date | None, last: date | None, *, field: str) -> None:
    """Raise PeriodReversed."""
    if first is not None and last is not None and last < first:
        raise PeriodReversed(field=field)
