"""Plans in tests: a town and a state school with their people and pupils, and what is told."""

import json
import re
from datetime import date
from typing import Any

from sqlalchemy import text

from services.plans.app import SERVICE
from shared import registers
from shared.auth import Role
from shared.contracts.base import Fact
from shared.contracts.identification import (
    ApplicationSigned,
    MunicipalityRegistered,
    ParameterSet,
    Programme,
    PupilEnrolled,
    PupilNamed,
    RiskGroup,
    SchoolRegistered,
    Sex,
    SignerKind,
)
from shared.contracts.school_days import SemesterDefined
from tests.doors import Doors, told

TOWN = "40000000001"
OTHER_TOWN = "40000000002"
STATE_SCHOOL_PARTNER = "40000000003"
SCHOOL = "school-one"
OTHER_SCHOOL = "school-two"
STATE_SCHOOL = "state-school"
SEMESTER = "2017-1"
AUTUMN = (date(2017, 9, 1), date(2017, 12, 22))
SPRING = (date(2018, 1, 8), date(2018, 5, 31))
MONTHS = ("2017-09", "2017-10", "2017-11", "2017-12")

TEACHER, HEAD, TOWN_COORDINATOR, STATE_OFFICER = "teacher", "head", "coordinator", "state.officer"
PEOPLE = (
    (TEACHER, Role.PREPARER, SCHOOL, "teacher"),
    ("psychologist", Role.PREPARER, SCHOOL, "psychologist"),
    (HEAD, Role.HEAD, SCHOOL, None),
    ("school.coordinator", Role.SCHOOL_COORDINATOR, SCHOOL, None),
    ("specialist", Role.SPECIALIST, SCHOOL, "speech_therapist"),
    (TOWN_COORDINATOR, Role.MUNICIPALITY_COORDINATOR, TOWN, None),
    ("other.teacher", Role.PREPARER, OTHER_SCHOOL, "teacher"),
    ("other.head", Role.HEAD, OTHER_SCHOOL, None),
    ("other.coordinator", Role.MUNICIPALITY_COORDINATOR, OTHER_TOWN, None),
    ("state.teacher", Role.PREPARER, STATE_SCHOOL, "teacher"),
    ("state.head", Role.HEAD, STATE_SCHOOL, None),
    (STATE_OFFICER, Role.STATE_OFFICER, "state", None),
    ("auditor", Role.AUDITOR, "state", None),
)


def pupil_ref(number: int) -> str:
    """The reference of an invented pupil."""
    return f"p1:{number:032x}"


def staff_ref(subject: str) -> str:
    """The reference of a member of staff, from the name in the test."""
    return f"s1:{subject.encode().hex()[:32]:0>32}"


async def tell(doors: Doors, *facts: Fact, at: str = "2017-09-01T09:00:00+00:00") -> None:
    """Let plans hear facts, each through the handler its consumers name."""
    handlers = {kind: one for c in SERVICE.all_consumers for kind, one in c.handles.items()}
    for fact in facts:
        async with doors.database.transaction() as session:
            await handlers[type(fact)](session, [told(fact, at=at)])


async def said(doors: Doors, ref: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """What plans has to say (of one pupil), in order: the short type and the fields."""
    asked = text("SELECT headers, payload, part_key FROM outbox ORDER BY id")
    async with doors.database.transaction() as session:
        rows = (await session.execute(asked)).all()
    found = []
    for headers, payload, key in rows:
        kind = re.search(rb"pumpurs\.plans\.([a-z-]+)\.v1", headers)
        if kind and ref in (None, key):
            found.append((kind[1].decode(), json.loads(payload)))
    return found


async def set_up(doors: Doors) -> None:
    """Registers, parameters that others own, and people with grants."""
    async with doors.database.transaction() as session:
        await registers.keep_municipalities(
            session, [told(_municipality(TOWN)), told(_municipality(OTHER_TOWN))]
        )
        await registers.keep_schools(
            session,
            [
                told(_school(SCHOOL, TOWN, TOWN)),
                told(_school(OTHER_SCHOOL, OTHER_TOWN, OTHER_TOWN)),
                told(_school(STATE_SCHOOL, STATE_SCHOOL_PARTNER, TOWN, state=True)),
            ],
        )
        await registers.keep_semesters(
            session,
            [
                told(semester("2017-1", *AUTUMN)),
                told(semester("2017-2", *SPRING)),
                told(semester("2022-2", date(2023, 1, 9), date(2023, 5, 31))),
                told(semester("2017-1", date(2017, 11, 15), date(2017, 12, 22), STATE_SCHOOL)),
            ],
        )
        await registers.keep_parameters(
            session,
            [
                told(parameter("project_end", "2022-12-31")),
                told(parameter("place_start", "2017-03")),
            ],
        )
    for subject, role, place, kind in PEOPLE:
        ref = staff_ref(subject) if kind else None
        await doors.grant(subject, role, place, staff_ref=ref, staff_kind=kind)


def _municipality(number: str) -> MunicipalityRegistered:
    return MunicipalityRegistered(
        register_key=f"municipality:{number}",
        version=1,
        municipality_id=number,
        name_lv="Pilsēta",
        name_en="Town",
        codes=(),
        successor_id=None,
        valid_from=None,
        valid_to=None,
        partner_since=None,
    )


def _school(school_id: str, partner: str, town: str, *, state: bool = False) -> SchoolRegistered:
    return SchoolRegistered(
        register_key=f"school:{school_id}",
        version=1,
        school_id=school_id,
        name_lv="Skola",
        name_en="School",
        school_kind="technical_school" if state else "secondary_school",
        institution_type="vocational" if state else "general",
        partner=partner,
        municipality_id=town,
        state_vocational=state,
        status="involved",
        valid_from=date(2010, 1, 1),
        valid_to=None,
    )


def semester(code: str, first: date, last: date, school_id: str | None = None) -> SemesterDefined:
    """A semester of the country or of one school."""
    return SemesterDefined(
        register_key=f"semester:{code}:{school_id}",
        version=1,
        semester=code,
        school_id=school_id,
        first_day=first,
        last_day=last,
        breaks=(),
        source="tests",
    )


def parameter(name: str, value: Any, place: str = "state") -> ParameterSet:
    """A parameter as identification tells it."""
    return ParameterSet(
        register_key=f"parameter:{name}:{place}",
        version=1,
        name=name,
        place=place,
        value=value,
        valid_from=None,
        valid_to=None,
        source="tests",
        approved_by="tests",
    )


def enrolled(number: int, school: str = SCHOOL, **more: Any) -> PupilEnrolled:
    """A pupil of a school."""
    return PupilEnrolled(**_pupil(number, school, 1), **_study(), **more)


def _study() -> dict[str, Any]:
    return {
        "programme": Programme.GENERAL,
        "grade": 7,
        "sex": Sex.FEMALE,
        "signs_alone_from": date(2022, 5, 1),
        "valid_from": date(2017, 9, 1),
    }


PLACES = {
    SCHOOL: (TOWN, TOWN),
    OTHER_SCHOOL: (OTHER_TOWN, OTHER_TOWN),
    STATE_SCHOOL: (STATE_SCHOOL_PARTNER, TOWN),
}


def _pupil(number: int, school: str, version: int) -> dict[str, Any]:
    partner, town = PLACES[school]
    return {
        "pupil_ref": pupil_ref(number),
        "partner": partner,
        "school_id": school,
        "municipality_id": town,
        "version": version,
    }


def named(
    number: int, *groups: str, school: str = SCHOOL, code: str = SEMESTER, version: int = 2
) -> PupilNamed:
    """A pupil named at risk for a semester."""
    return PupilNamed(
        **_pupil(number, school, version),
        semester=code,
        programme=Programme.GENERAL,
        grade=7,
        risk_groups=tuple(RiskGroup(group) for group in groups or ("R1", "R3")),
        named_on=date(2017, 9, 4),
    )


def signed(
    number: int, *, school: str = SCHOOL, by: str = "parent", on: date = date(2017, 9, 5)
) -> ApplicationSigned:
    """A signed application."""
    return ApplicationSigned(
        **_pupil(number, school, 3),
        application_id=f"application-{number}",
        signer_kind=SignerKind(by),
        signed_on=on,
    )


async def a_pupil(doors: Doors, number: int, school: str = SCHOOL) -> str:
    """A pupil who may get a plan: enrolled, named, with a signed application."""
    await tell(doors, enrolled(number, school), named(number, school=school))
    await tell(doors, signed(number, school=school))
    return pupil_ref(number)
