"""Who takes part in the demo: pupils, parents, staff, and everybody who signs in with what role.

All invented (`names.py`). Sign-in names say the office, never the person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice

from deploy.demo.municipalities import municipalities
from deploy.demo.names import Human, account, human, registration_numbers
from deploy.demo.scenario import Place, SchoolEntry, place, places, schools, year_of

PROGRAMME_START = date(2017, 3, 1)
ADULT_YEARS = 19
STATE_OFFICER, SECOND_STATE_OFFICER, AUDITOR = (
    "officer.state",
    "second-officer.state",
    "auditor.state",
)
YOUTH_PLACE = "Rēzekne"
ORGANISER = "organiser.rezekne"
EVALUATORS = tuple(f"evaluator{n}.rezekne" for n in (1, 2, 3))
PUPILS_FROM, PARENTS_FROM, STAFF_FROM = 100_000, 300_000, 500_000
ORGANISATIONS_FROM = 500_000

_SHORT = {
    "Liepāja": "liepaja",
    "Daugavpils": "dbt",
    "Preiļu novads": "preili",
    "Rēzekne": "rezekne",
    "Siguldas novads": "sigulda",
}


@dataclass(frozen=True)
class RoleOf:
    """A role a sign-in is granted: in which organisation, and as which member of staff."""

    subject: str
    role: str
    organisation: str
    staff: str | None = None


@dataclass(frozen=True)
class Applicant:
    """A youth organisation that files an application."""

    subject: str
    number: str
    name: str


@cache
def _numbers() -> tuple[str, ...]:
    return tuple(islice(registration_numbers(ORGANISATIONS_FROM), 3))


def short(where: Place) -> str:
    """Short name of a place's partner, as used in sign-in names."""
    return _SHORT[where.name]


def partner(where: Place) -> str:
    """Registration number of who pays: the municipality, or the state school itself."""
    return _numbers()[0] if where.is_own_partner else municipality(where)


def municipality(where: Place) -> str:
    """Registration number of the municipality of a place."""
    return municipalities()[where.name].id


def partners() -> tuple[str, ...]:
    """All partners, each with a payment office of its own."""
    return tuple(partner(where) for where in places())


def schools_of(where: Place) -> tuple[SchoolEntry, ...]:
    """Schools of a place, planned ones too."""
    return tuple(school for school in schools() if school.place == where.name)


@cache
def pupil(where: Place, number: int) -> Human:
    """A pupil; adults are nineteen and more, the others stay minors while they take part."""
    entered = where.entered(number)
    year, grade = year_of(entered), where.grade(number, entered)
    at_start = grade + (14 if where.programme == "vocational" else 6)
    serial = PUPILS_FROM + 1_000 * places().index(where) + number
    key = f"{where.pupil_prefix}{number}"
    if where.signs_alone(number):
        return human(key, serial, date(year - ADULT_YEARS - 1, 1, 1), days=200)
    return human(key, serial, date(year - min(at_start, 17), 10, 1), days=80)


@cache
def parent(where: Place, number: int) -> Human:
    """Who signs for a pupil that is not of age."""
    serial = PARENTS_FROM + 1_000 * places().index(where) + number
    return human(f"parent of {where.pupil_prefix}{number}", serial, date(1975, 1, 1), days=3_000)


@cache
def staff(name: str) -> Human:
    """A member of staff, such as LT7 or DS1."""
    return human(name, STAFF_FROM + _staff_names().index(name), date(1965, 1, 1), days=9_000)


@cache
def _staff_names() -> tuple[str, ...]:
    return tuple(name for where in places() for name in where.staff)


def staff_subject(name: str) -> str:
    """Sign-in name of a member of staff."""
    return f"staff.{name.lower()}"


def head(school: str) -> str:
    """Sign-in name of a school's head."""
    return f"head.{school}"


def coordinator(where: Place) -> str:
    """Sign-in name of a municipality's coordinator."""
    return f"coordinator.{short(where)}"


def school_coordinator(school: str) -> str:
    """Sign-in name of a school's own coordinator."""
    return f"coordinator.{school}"


def register(where: Place) -> str:
    """Sign-in name of the register that delivers pupils of a place's schools."""
    return f"register.{short(where)}"


def officers(where: Place) -> tuple[str, str]:
    """Sign-in names of a partner's two payment officers: one enters, the other approves."""
    return f"payments1.{short(where)}", f"payments2.{short(where)}"


def applicants() -> tuple[Applicant, ...]:
    """The two organisations that answer the youth call."""
    first, second = _numbers()[1:]
    return (
        Applicant("applicant1.rezekne", first, "Biedrība „Ķiršziedu pulciņš” (piemērs)"),
        Applicant("applicant2.rezekne", second, "Biedrība „Ābeļdārza jaunieši” (piemērs)"),
    )


def applicant_account() -> str:
    """Account of the organisation that wins."""
    return account(ORGANISATIONS_FROM)


def roles() -> Iterator[RoleOf]:
    """All grants of the demo."""
    yield RoleOf(STATE_OFFICER, "state_officer", "state")
    yield RoleOf(SECOND_STATE_OFFICER, "state_officer", "state")
    yield RoleOf(AUDITOR, "auditor", "state")
    for where in places():
        yield from _roles_at(where)
    youth = municipality(place(YOUTH_PLACE))
    yield RoleOf(ORGANISER, "call_organiser", youth)
    for evaluator in EVALUATORS:
        yield RoleOf(evaluator, "evaluator", youth)
    for applicant in applicants():
        yield RoleOf(applicant.subject, "applicant", applicant.number)


def _roles_at(where: Place) -> Iterator[RoleOf]:
    if not where.is_own_partner:
        yield RoleOf(coordinator(where), "municipality_coordinator", municipality(where))
    for officer in officers(where):
        yield RoleOf(officer, "payment_officer", partner(where))
    for school in schools_of(where):
        yield RoleOf(register(where), "school_register", school.id)
        yield RoleOf(head(school.id), "head", school.id)
        yield RoleOf(school_coordinator(school.id), "school_coordinator", school.id)
    for name, at in where.staff.items():
        prepares = name not in where.specialists
        for school_id in at:
            role = "preparer" if prepares else "specialist"
            yield RoleOf(staff_subject(name), role, school_id, staff=name)


SIGN_INS: tuple[tuple[str, str], ...] = (
    ("staff.lt1", "prepares plans and consults in a school of Liepāja"),
    ("head.liepaja-5vsk", "approves first"),
    ("coordinator.liepaja", "approves for the municipality"),
    (STATE_OFFICER, "approves last, sets parameters, publishes editions"),
    ("payments1.liepaja", "enters claims and makes bank files"),
    ("payments2.liepaja", "approves orders"),
    (ORGANISER, "runs the youth call"),
    (EVALUATORS[0], "scores projects"),
    ("applicant1.rezekne", "files a youth project"),
    (AUDITOR, "reads everything, changes nothing"),
)
