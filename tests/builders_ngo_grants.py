"""A youth call for tests: a municipality, its organisers, a committee, organisations that apply.

Everything goes through the doors; a test names only what matters to it.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
from sqlalchemy import text

from shared.auth import Role
from shared.registration_number import is_registration_number
from tests.doors import Doors

A_FORM: dict[str, Any] = {
    "title": "Kopā līdz skolas beigām",
    "aims": ["raise_motivation", "active_participation"],
    "activities": [
        {
            "what": "Radošās darbnīcas",
            "place": "Rēzekne",
            "starts_on": "2018-12-01",
            "ends_on": "2019-05-31",
        }
    ],
    "participants_total": 24,
    "participants_at_risk": 10,
    "ages_from": 12,
    "ages_to": 18,
    "grades_from": 5,
    "grades_to": 12,
    "youth_role": {
        "idea": "Jaunieši paši ierosināja.",
        "planning": "Jaunieši plāno.",
        "running": "Jaunieši vada.",
    },
    "plan_link": "Atbilst pasākumu plāna 3. punktam.",
    "partners": [],
    "expected_results": "24 dalībnieki pabeidz mācību gadu.",
    "publicity": "Plakāti un ieraksti ar fonda logo.",
    "starts_on": "2018-11-20",
    "ends_on": "2019-06-30",
}
PLACE = "90000025465"
ORGANISER, SECOND_ORGANISER = "organiser.one", "organiser.two"
STATE_OFFICER, AUDITOR = "state.officer", "auditor.one"
EVALUATORS = ("evaluator.one", "evaluator.two", "evaluator.three")
ANNOUNCED, LAST_DAY = "2018-10-01", "2018-10-31"
FILING, CLOSING, MARKING, DECIDING = "2018-10-20", "2018-11-01", "2018-11-05", "2018-11-15"
SIGNING, PROVING, ACCEPTING = "2018-11-16", "2019-07-01", "2019-07-10"
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
CODES = ("2.1", "2.2", "2.3", *(f"2.4.{n}" for n in range(1, 8)))


def _numbers(head: str) -> Iterator[str]:
    """Valid registration numbers of organisations nobody has."""
    for body in itertools.count(1):
        for last in range(10):
            number = f"{head}{body:0{10 - len(head)}d}{last}"
            if is_registration_number(number):
                yield number


ORGANISATIONS = _numbers("4999")
MUNICIPALITIES = _numbers("9999")


def sheet(points: str | Mapping[str, str], *, default: str = "5") -> dict[str, str]:
    """Points of every criterion: the same everywhere, or some named and the rest by default."""
    if isinstance(points, str):
        return dict.fromkeys(CODES, points)
    return {code: points.get(code, default) for code in CODES}


class Grants:
    """The doors of the service with people of one municipality."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors

    async def open(self) -> "Grants":
        """Give the people their roles."""
        for organiser in (ORGANISER, SECOND_ORGANISER):
            await self.doors.grant(organiser, Role.CALL_ORGANISER, PLACE)
        for evaluator in EVALUATORS:
            await self.doors.grant(evaluator, Role.EVALUATOR, PLACE)
        await self.doors.grant(STATE_OFFICER, Role.STATE_OFFICER, "state")
        await self.doors.grant(AUDITOR, Role.AUDITOR, "state")
        return self

    async def send(self, path: str, body: Any, *, by: str, at: str, **more: Any) -> Any:
        """A command that must go well; gives its answer."""
        answer = await self.doors.send(path, body, by=by, at=at, **more)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def get(self, path: str, *, by: str, at: str = DECIDING, **params: Any) -> Any:
        """A read that must go well; gives its answer."""
        answer = await self.doors.get(path, by=by, at=at, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def a_call(self, *, publish: bool = True, **changed: Any) -> str:
        """A call of October 2018, announced unless said otherwise; gives its id."""
        body = {
            "municipality_id": PLACE,
            "opens_on": ANNOUNCED,
            "closes_on": LAST_DAY,
            "quota": 1,
            "nolikum_version": "2018-1",
            **changed,
        }
        call_id: str = (await self.send("/calls", body, by=ORGANISER, at="2018-09-28"))["call_id"]
        if publish:
            await self.send(f"/calls/{call_id}/publication", {}, by=ORGANISER, at=ANNOUNCED)
        return call_id

    async def an_applicant(
        self, *, name: str = "Jauniešu biedrība", number: str | None = None, **changed: Any
    ) -> tuple[str, str]:
        """An organisation and somebody who acts for it: registration number, subject."""
        number = number or next(ORGANISATIONS)
        subject = f"applicant.{number}"
        await self.doors.grant(subject, Role.APPLICANT, number)
        body = {
            "registration_number": number,
            "name": name,
            "kind": "association",
            "youth_work": "Darbs ar jauniešiem novadā.",
            **changed,
        }
        await self.send("/applicants", body, by=subject, at=ANNOUNCED)
        return number, subject

    async def an_application(
        self,
        call_id: str,
        *,
        applicant: tuple[str, str] | None = None,
        filed_at: str = FILING,
        **form: Any,
    ) -> str:
        """A filed application; gives its id."""
        number, subject = applicant or await self.an_applicant()
        body = {"call_id": call_id, "registration_number": number, "form": {**A_FORM, **form}}
        draft = await self.send("/applications", body, by=subject, at=ANNOUNCED)
        application_id: str = draft["application_id"]
        await self.send(f"/applications/{application_id}/submission", {}, by=subject, at=filed_at)
        return application_id

    async def close(
        self,
        call_id: str,
        *,
        declare: bool = True,
        members: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """End the window, name the committee, and let its members declare no interests."""
        await self.send(f"/calls/{call_id}/closing", {}, by=ORGANISER, at=CLOSING)
        people = members or [{"subject": e, "name": f"Vārds {e}"} for e in EVALUATORS]
        path = f"/calls/{call_id}/committee"
        await self.send(path, {"members": people}, by=ORGANISER, at=CLOSING)
        for member in people if declare else ():
            await self.declare(call_id, member["subject"])

    async def declare(self, call_id: str, evaluator: str, *numbers: str) -> None:
        """One member's interests."""
        body = {"interests": [{"registration_number": n, "kind": "member"} for n in numbers]}
        await self.send(f"/calls/{call_id}/declarations", body, by=evaluator, at=MARKING)

    async def mark(
        self,
        call_id: str,
        application_id: str,
        points: Mapping[str, str],
        *,
        by: Sequence[str] = EVALUATORS,
    ) -> None:
        """The same marks of some evaluators."""
        lines = [
            {"application_id": application_id, "criterion": code, "points": mark}
            for code, mark in points.items()
        ]
        for evaluator in by:
            answers = await self.doors.lines(
                f"/calls/{call_id}/marks", lines, by=evaluator, at=MARKING
            )
            assert all(answer["status"] == "accepted" for answer in answers), answers

    async def decide(self, call_id: str, **order: Any) -> Any:
        """The decision."""
        path = f"/calls/{call_id}/decision"
        return await self.send(path, order, by=ORGANISER, at=DECIDING)

    async def a_winner(self, **call: Any) -> tuple[str, str]:
        """A decided call with one approved application: its id, and who acts for it."""
        call_id = await self.a_call(**call)
        applicant = await self.an_applicant()
        application_id = await self.an_application(call_id, applicant=applicant)
        await self.close(call_id)
        await self.mark(call_id, application_id, sheet("4.5"))
        await self.decide(call_id)
        return application_id, applicant[1]

    async def a_project(self) -> tuple[str, str]:
        """A project with a contract: its id, and who acts for it."""
        project_id, subject = await self.a_winner()
        body = {"contract_number": "L-1", "signed_on": SIGNING}
        await self.send(f"/projects/{project_id}/contract", body, by=ORGANISER, at=SIGNING)
        return project_id, subject

    async def stored_bytes(self) -> bytes:
        """Everything the database keeps: texts as they are, bytes as hexadecimal and decoded."""
        found: list[str] = []
        async with self.doors.database.transaction() as session:
            names = await session.execute(text(_TABLES))
            for (name,) in names.all():
                rows = await session.execute(text(f'SELECT t::text FROM "{name}" t'))
                found += [str(row) for (row,) in rows]
        stored = "\n".join(found)
        opened = (bytes.fromhex(digits) for digits in re.findall(r"\\x((?:[0-9a-f]{2})+)", stored))
        return b"\n".join([stored.encode(), *opened])


def refused(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and field of a refusal."""
    body = answer.json()
    return answer.status_code, body["code"], body.get("field")
