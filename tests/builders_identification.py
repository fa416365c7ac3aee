"""A small programme for tests of identification: two places, their schools and people.

All people are invented: codes begin 3299, registration numbers 9999.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.identification.personal_code import check_digit
from shared.registration_number import WEIGHTS, is_registration_number
from tests.doors import Doors

OFFICER = "first.person"
"""The subject every service of a test knows from the start as a state officer."""

AUTUMN = "2017-09-15"
REGISTER, COORDINATOR, HEAD, TEACHER, TEACHER2 = (
    "register.east",
    "coordinator.east-1",
    "head.east-1",
    "teacher.east-1",
    "teacher2.east-1",
)
OTHER_TEACHER = "teacher.west-1"


def registration_numbers() -> Iterator[str]:
    """Numbers nobody has, with the right check digit."""
    for serial in itertools.count():
        for last in range(10):
            number = f"9999{serial:06d}{last}"
            if is_registration_number(number):
                yield number


EAST, WEST, STATE_SCHOOL = itertools.islice(registration_numbers(), 3)
assert len(WEIGHTS) == len(EAST)


def personal_code(serial: int) -> str:
    """A code of somebody invented."""
    body = f"3299{serial:06d}"
    return f"{body}{check_digit(body)}"


def a_municipality(municipality_id: str = EAST, **more: Any) -> dict[str, Any]:
    """A line for a municipality."""
    return {
        "municipality_id": municipality_id,
        "name_lv": "Austrumu novads",
        "name_en": "East municipality",
        "codes": [
            {"code": "0010000", "valid_from": None, "valid_to": "2021-06-30"},
            {"code": "0001000", "valid_from": "2021-07-01", "valid_to": None},
        ],
        **more,
    }


def a_school(school_id: str = "east-1", **more: Any) -> dict[str, Any]:
    """A line for a municipality's secondary school."""
    return {
        "school_id": school_id,
        "name_lv": "Austrumu vidusskola",
        "name_en": "East secondary school",
        "school_kind": "secondary_school",
        "institution_type": "general",
        "partner": EAST,
        "municipality_id": EAST,
        "valid_from": "2010-09-01",
        **more,
    }


def a_semester(semester: str, first_day: str, last_day: str, **more: Any) -> dict[str, Any]:
    """A line of the calendar."""
    dates = {"semester": semester, "first_day": first_day, "last_day": last_day}
    return {**dates, "source": "made up for tests", **more}


def a_pupil(serial: int = 1, **more: Any) -> dict[str, Any]:
    """A line for a pupil of grade 7, thirteen years old in autumn 2017."""
    return {
        "personal_code": personal_code(serial),
        "given_name": "Ādolfs",
        "family_name": f"Ābolzariņš {chr(97 + serial % 26)}",
        "birth_date": "2004-03-10",
        "sex": "male",
        "school_id": "east-1",
        "programme": "general",
        "grade": 7,
        "valid_from": "2017-09-01",
        **more,
    }


def a_staff_member(serial: int, subject: str, *schools: str, **more: Any) -> dict[str, Any]:
    """A line for a teacher."""
    return {
        "personal_code": personal_code(900_000 + serial),
        "given_name": "Bārbala",
        "family_name": "Čiekuriņa",
        "kind": "teacher",
        "school_ids": list(schools),
        "subject": subject,
        **more,
    }


def a_grant(subject: str, role: str, organisation: str, **more: Any) -> dict[str, Any]:
    """A line for a grant that holds since long ago."""
    who = {"subject": subject, "role": role, "organisation": organisation}
    return {**who, "valid_from": "2015-01-01", **more}


SEMESTERS = (
    a_semester("2017-1", "2017-09-01", "2017-12-22", breaks=[["2017-10-23", "2017-10-27"]]),
    a_semester("2017-2", "2018-01-08", "2018-05-31"),
    a_semester("2020-2", "2021-01-04", "2021-05-31"),
    a_semester("2021-1", "2021-09-01", "2021-12-21"),
)
SCHOOLS = (
    a_school(),
    a_school("east-small", school_kind="basic_school"),
    a_school("west-1", partner=WEST, municipality_id=WEST),
    a_school(
        "east-tech",
        school_kind="technical_school",
        institution_type="vocational",
        partner=STATE_SCHOOL,
        state_vocational=True,
    ),
)
STAFF = (
    a_staff_member(1, TEACHER, "east-1"),
    a_staff_member(2, TEACHER2, "east-1"),
    a_staff_member(3, OTHER_TEACHER, "west-1"),
)
GRANTS = (
    a_grant(REGISTER, "school_register", "east-1"),
    a_grant(REGISTER, "school_register", "east-small"),
    a_grant(REGISTER, "school_register", "east-tech"),
    a_grant("register.west", "school_register", "west-1"),
    a_grant(COORDINATOR, "school_coordinator", "east-1"),
    a_grant(HEAD, "head", "east-1"),
    a_grant("head.west-1", "head", "west-1"),
    a_grant("municipality.east", "municipality_coordinator", EAST),
    a_grant(TEACHER, "preparer", "east-1"),
    a_grant(TEACHER2, "preparer", "east-1"),
    a_grant(OTHER_TEACHER, "preparer", "west-1"),
    a_grant("auditor", "auditor", "state"),
)


@dataclass
class Programme:
    """The doors of identification with everything entered that pupils need."""

    doors: Doors
    serials: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def prepare(self) -> "Programme":
        """Enter places, calendar, staff and grants through the doors."""
        for path, lines in (
            ("/municipalities", (a_municipality(), a_municipality(WEST, codes=[]))),
            ("/schools", SCHOOLS),
            ("/semesters", SEMESTERS),
            ("/staff", STAFF),
            ("/grants", GRANTS),
        ):
            await self.accepted(path, lines, by=OFFICER)
        return self

    async def accepted(
        self, path: str, lines: Sequence[dict[str, Any]], *, by: str, at: str = AUTUMN
    ) -> list[str]:
        """A bulk command none of whose lines is refused; gives the ids."""
        answers = await self.doors.lines(path, lines, by=by, at=at)
        assert [a for a in answers if a["status"] != "accepted"] == []
        return [str(answer["id"]) for answer in answers]

    async def refused(
        self, path: str, line: dict[str, Any], *, by: str, at: str = AUTUMN
    ) -> tuple[str, str | None]:
        """A bulk command of one line that is refused; gives code and field."""
        (answer,) = await self.doors.lines(path, [line], by=by, at=at)
        assert answer["status"] == "refused", answer
        assert answer["message"]
        return str(answer["code"]), answer["field"]

    async def pupil(self, *, by: str = REGISTER, at: str = AUTUMN, **more: Any) -> str:
        """A new pupil; gives the reference."""
        (ref,) = await self.accepted("/pupils", [a_pupil(next(self.serials), **more)], by=by, at=at)
        return ref

    async def proposal(
        self,
        pupil_ref: str,
        *codes: str,
        by: str = TEACHER,
        at: str = AUTUMN,
        semester: str = "2017-1",
    ) -> str:
        """A proposal to name a pupil; gives its id."""
        factors = [{"code": code} for code in codes or ("lack_of_means",)]
        line = {"pupil_ref": pupil_ref, "semester": semester, "factors": factors}
        (risk_id,) = await self.accepted("/risks", [line], by=by, at=at)
        return risk_id

    async def named(self, pupil_ref: str, *, at: str = AUTUMN, semester: str = "2017-1") -> str:
        """A pupil named at risk; gives the id of the proposal."""
        risk_id = await self.proposal(pupil_ref, at=at, semester=semester)
        await self.accepted("/risks/confirmations", [a_look(risk_id)], by=HEAD, at=at)
        return risk_id


def a_look(risk_id: str, decision: str = "confirm") -> dict[str, Any]:
    """A line for a second look."""
    return {"risk_id": risk_id, "decision": decision, "reason": "Talked with the class teacher."}


def a_signature(pupil_ref: str, signer: str = "parent", **more: Any) -> dict[str, Any]:
    """A line for a signed application."""
    return {"pupil_ref": pupil_ref, "signer_kind": signer, "signed_on": AUTUMN, **more}
