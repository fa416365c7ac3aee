"""What a story about money starts with: an office, its people, an approved plan, a payee."""

from collections.abc import Sequence
from typing import Any

import httpx

from services.payments.consumers import CONSUMERS
from services.payments.payees.iban import with_check_digits
from shared.auth import Role
from shared.contracts.base import Fact
from shared.registers import keep_schools
from tests.doors import Doors, told
from tests.money_facts import (
    COUNTER,
    LATER,
    OFFICE,
    OFFICER,
    OTHER_OFFICE,
    OTHER_STATE_OFFICER,
    SCHOOL,
    STATE_OFFICER,
    STRANGER,
    TEACHER,
    Planned,
    a_claim,
    a_school,
    account,
    an_approval,
    pupil,
)


def another_office(office: str) -> str:
    """Of the two offices of the tests the one that this is not."""
    return OTHER_OFFICE if office == OFFICE else OFFICE


class Payments:
    """The payments service of a story, its doors and its people."""

    def __init__(self, doors: Doors, *, office: str = OFFICE, school: str = SCHOOL) -> None:
        """`office` and `school` are those its people work for."""
        self.doors = doors
        self.office = office
        self.school = school

    async def open(self) -> "Payments":
        """Let the people of the story have their roles, and the office its account."""
        for subject, role, organisation in (
            (TEACHER, Role.PREPARER, self.school),
            (OFFICER, Role.PAYMENT_OFFICER, self.office),
            (STRANGER, Role.PAYMENT_OFFICER, another_office(self.office)),
            (STATE_OFFICER, Role.STATE_OFFICER, "state"),
            (OTHER_STATE_OFFICER, Role.STATE_OFFICER, "state"),
        ):
            await self.doors.grant(subject, role, organisation)
        async with self.doors.database.transaction() as session:
            await keep_schools(session, [told(a_school(self.school, self.office))])
            other = another_office(self.office)
            await keep_schools(session, [told(a_school(f"school-of-{other}", other))])
        payer = {"iban": with_check_digits("LV", "TREL0000000000001"), "bic": "TRELLV22"}
        await self.set_parameter("payer_account", payer, place=self.office)
        await self.payee("mother", 1)
        return self

    async def set_parameter(
        self, name: str, value: Any, *, place: str = "state", since: str | None = None
    ) -> None:
        """Set a parameter as an officer of the state."""
        body = {"name": name, "place": place, "value": value, "source": "test"}
        if since is not None:
            body["valid_from"] = since
        answer = await self.doors.send("/parameters", body, by=STATE_OFFICER, method="PUT")
        assert answer.status_code == 200, answer.text

    async def act(self, kind: str, cents: int, *, by: str = STATE_OFFICER, **more: Any) -> str:
        """Enter an act on an allocation of the first semester of 2021; gives its id."""
        line = {"kind": kind, "partner": OFFICE, "cents": cents, "reason": "decision 12"} | more
        if kind != "yearly_maximum":
            line.setdefault("semester", "2021-1")
        (answer,) = await self.doors.lines("/allocations/acts", [line], by=by, at=LATER)
        assert answer["status"] == "accepted", answer
        act_id: str = answer["id"]
        return act_id

    async def decide(
        self, *act_ids: str, by: str = OTHER_STATE_OFFICER, decision: str = "approved"
    ) -> list[dict[str, Any]]:
        """Decide acts as another officer of the state."""
        lines = [{"act_id": act_id, "decision": decision} for act_id in act_ids]
        return await self.doors.lines("/allocations/decisions", lines, by=by, at=LATER)

    async def allocate(self, kind: str, cents: int, **more: Any) -> dict[str, Any]:
        """Enter an act and let another officer approve it; gives the line's answer."""
        (answer,) = await self.decide(await self.act(kind, cents, **more))
        return answer

    async def allocations(self, partner: str = OFFICE, *, by: str = STATE_OFFICER) -> Any:
        """How a partner's school year 2021 stands."""
        answer = await self.doors.get(f"/allocations/{partner}", by=by, school_year="2021")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def semester(self, partner: str = OFFICE, semester: str = "2021-1") -> dict[str, Any]:
        """How the allocation of a semester stands."""
        found = (await self.allocations(partner))["semesters"]
        (one,) = [one for one in found if one["semester"] == semester]
        return dict(one)

    async def reserve_again(self, *, by: str = OFFICER) -> dict[str, Any]:
        """Let what waits for the allocation be reserved."""
        path = f"/allocations/{OFFICE}/reservations"
        answer = await self.doors.send(path, {"semester": "2021-1"}, by=by, at=LATER)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def payee(self, payee_id: str, number: int, **more: Any) -> None:
        """Enter a payee."""
        line = {"payee_id": payee_id, "partner": self.office, "kind": "parent"}
        line |= {"name": "Anna Bērziņa", "account": account(number), **more}
        (answer,) = await self.doors.lines("/payees", [line], by=TEACHER, at=LATER)
        assert answer["status"] == "accepted", answer

    async def hear(self, *facts: Fact, at: str = "2021-09-01T09:00:00+00:00") -> None:
        """Let payments hear facts of one type in one batch, as its consumers do."""
        handlers = {kind: h for consumer in CONSUMERS for kind, h in consumer.handles.items()}
        async with self.doors.database.transaction() as session:
            await handlers[type(facts[0])](session, [told(fact, at=at) for fact in facts])

    async def a_plan(self, planned: Planned, *, pupil_ref: str | None = None, **more: Any) -> str:
        """An approved plan; gives its id."""
        plan_id = f"plan-{next(COUNTER)}"
        about = {"partner": self.office, "school_id": self.school, "municipality_id": self.office}
        await self.hear(an_approval(pupil_ref or pupil(), plan_id, planned, **about | more))
        return plan_id

    async def claim(
        self, lines: Sequence[dict[str, Any]], *, by: str = TEACHER, at: str = LATER, **params: Any
    ) -> list[dict[str, Any]]:
        """Submit claims; gives the answers of the lines."""
        return await self.doors.lines("/claims", lines, by=by, at=at, **params)

    async def an_order(self, plan_id: str, measure_id: str, cents: int, **more: Any) -> str:
        """An order from an accepted claim; gives its id."""
        (answer,) = await self.claim([a_claim(plan_id, measure_id, cents, **more)])
        assert answer["status"] == "accepted", answer
        order_id: str = answer["details"]["order_id"]
        return order_id

    async def approve_orders(self, *order_ids: str, by: str = OFFICER) -> list[dict[str, Any]]:
        """Approve orders."""
        lines = [{"order_id": order_id} for order_id in order_ids]
        return await self.doors.lines("/orders/approvals", lines, by=by, at=LATER)

    async def issue_file(self, *, by: str = OFFICER, day: str = "2021-11-16") -> httpx.Response:
        """Issue the bank file of the office for a day."""
        body = {"partner": self.office, "execution_date": day}
        return await self.doors.send("/bank-files", body, by=by, at=LATER)

    async def an_issued_order(self, cents: int = 4_000, **planned: Any) -> tuple[str, str, str]:
        """An order in an issued file; gives order, plan and pupil."""
        pupil_ref = pupil()
        plan_id = await self.a_plan({"m": ("meals", {"2021-10": cents})}, pupil_ref=pupil_ref)
        order_id = await self.an_order(plan_id, "m", cents)
        await self.approve_orders(order_id)
        assert (await self.issue_file()).status_code == 201
        return order_id, plan_id, pupil_ref

    async def report(
        self, order_id: str, outcome: str, *, cents: int = 4_000, report_id: str | None = None
    ) -> dict[str, Any]:
        """Report what became of an order, over HTTP; gives the line's answer."""
        line = {
            "report_id": report_id or f"report-{next(COUNTER)}",
            "order_id": order_id,
            "outcome": outcome,
            "cents": cents,
            "booked_on": "2021-11-17",
            "reason_code": "account-closed" if outcome == "returned" else None,
        }
        path = f"/offices/{self.office}/reports"
        (answer,) = await self.doors.lines(path, [line], by=OFFICER, at="2021-11-17")
        return answer

    async def month(self, pupil_ref: str, month: str = "2021-10") -> dict[str, Any]:
        """How a pupil's month stands."""
        answer = await self.doors.get(f"/pupil-months/{pupil_ref}/{month}", by=OFFICER)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def order(self, order_id: str) -> dict[str, Any]:
        """An order as its office sees it."""
        answer = await self.doors.get(f"/orders/{order_id}", by=OFFICER)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
