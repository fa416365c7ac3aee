"""A youth project's money over the real broker: due, ordered, paid, and half of it back again."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from deploy.local.system import FIRST_PERSON, LocalSystem
from shared.auth import Role
from shared.contracts.identification import StaffGranted
from tests.builders_ngo_grants import ACCEPTING, ORGANISER, PLACE, PROVING, SIGNING, Grants
from tests.doors import LONG_AGO, Doors
from tests.money_facts import account
from tests.perf.teller import Teller, teller

OFFICER = "officer.youth"
WAIT_SECONDS_MAX = 60


class RunningDoors(Doors):
    """The doors of a running service; grants are told over the broker, as identification does."""

    def __init__(self, system: LocalSystem, service: str, say: Teller) -> None:
        self.client = httpx.AsyncClient(base_url=system.urls[service], timeout=30)
        self.system = system
        self._say = say
        self._database = system.databases[service].replace("+asyncpg", "", 1)

    async def grant(self, subject: str, role: Role | str, organisation: str, **_: Any) -> None:
        """Tell a grant and wait until the service has heard of it."""
        grant_id = f"{subject}-{role}-{organisation}"
        fact = StaffGranted(
            register_key=f"grant:{grant_id}",
            version=1,
            grant_id=grant_id,
            subject=subject,
            staff_ref=None,
            role=str(role),
            organisation=organisation,
            staff_kind=None,
            valid_from=LONG_AGO,
            valid_to=None,
        )
        await self._say.say([fact])
        connection = await asyncpg.connect(self._database)
        known = "SELECT 1 FROM register_grants WHERE grant_id = $1"
        try:
            end = time.monotonic() + WAIT_SECONDS_MAX
            while await connection.fetchval(known, grant_id) is None:
                assert time.monotonic() < end, f"nobody heard of {grant_id}"
                await asyncio.sleep(0.02)
        finally:
            await connection.close()

    def headers(self, subject: str | None, at: str | None, key: str | None) -> dict[str, str]:
        """What a request carries."""
        found = {"Authorization": f"Bearer {self.system.token(subject or 'nobody')}"}
        if at is not None:
            found["Programme-Time"] = at if "T" in at else f"{at}T09:00:00+00:00"
        return found if key is None else {**found, "Idempotency-Key": key}


class Money:
    """Youth calls and payments side by side."""

    def __init__(self, grants: Grants, payments: RunningDoors) -> None:
        self.grants = grants
        self.payments = payments

    async def project_when(self, project_id: str, holds: Callable[[Any], bool]) -> Any:
        """The project as soon as something holds of it."""
        end = time.monotonic() + WAIT_SECONDS_MAX
        while True:
            project = await self.grants.get(f"/projects/{project_id}", by=ORGANISER)
            if holds(project):
                return project
            assert time.monotonic() < end, project
            await asyncio.sleep(0.05)

    async def pay(self, project: Any, *, at: str) -> str:
        """The office pays the first instalment; gives its order."""
        order_id: str = project["instalments"][0]["order_id"]
        number = project["registration_number"]
        payer = {"iban": account(1), "bic": "TRELLV22"}
        value = {"name": "payer_account", "place": PLACE, "value": payer, "source": "a test"}
        await self._send("/parameters", value, by=FIRST_PERSON, at=at, method="PUT")
        payee = {"payee_id": number, "partner": PLACE, "kind": "organisation", "name": "Biedrība"}
        line = payee | {"account": account(2), "code": number}
        await self.payments.lines("/payees", [line], by=OFFICER, at=at)
        orders = [{"order_id": order_id}]
        await self.payments.lines("/orders/approvals", orders, by=OFFICER, at=at)
        day = {"partner": PLACE, "execution_date": at}
        await self._send("/bank-files", day, by=OFFICER, at=at)
        report = {"report_id": "r-1", "order_id": order_id, "outcome": "settled"}
        paid = report | {"cents": project["instalments"][0]["cents"], "booked_on": at}
        await self.payments.lines(f"/offices/{PLACE}/reports", [paid], by=OFFICER, at=at)
        return order_id

    async def _send(self, path: str, body: Any, *, by: str, at: str, method: str = "POST") -> None:
        answer = await self.payments.send(path, body, by=by, at=at, method=method)
        assert answer.status_code in {200, 201}, answer.text

    async def give_back(self, order_id: str, cents: int, *, at: str) -> None:
        """Some of an order comes back to the office."""
        line = {"recovery_id": f"back-{cents}", "order_id": order_id, "cents": cents}
        why = {"booked_on": at, "reason_code": "partial-result"}
        path = f"/offices/{PLACE}/recoveries"
        (answer,) = await self.payments.lines(path, [line | why], by=OFFICER, at=at)
        assert answer["status"] == "accepted", answer


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def money() -> AsyncIterator[Money]:
    """Both services running, with their people."""
    services = ("payments", "ngo_grants")
    async with (
        LocalSystem("youth", services=services, offices=[PLACE], real_broker=True) as system,
        teller(system) as say,
    ):
        grants = await Grants(RunningDoors(system, "ngo_grants", say)).open()
        payments = RunningDoors(system, "payments", say)
        await payments.grant(OFFICER, Role.PAYMENT_OFFICER, PLACE)
        yield Money(grants, payments)
        await grants.doors.client.aclose()
        await payments.client.aclose()


@pytest.mark.feature("G24")
@pytest.mark.feature("G26")
@pytest.mark.feature("G30")
async def test_half_a_result_is_paid_and_comes_back(money: Money) -> None:
    project_id, subject = await money.grants.a_project()
    ordered = await money.project_when(
        project_id, lambda shown: shown["instalments"][0]["state"] == "ordered"
    )
    assert ordered["state"] == "contracted"
    order_id = await money.pay(ordered, at=SIGNING)
    running = await money.project_when(project_id, lambda shown: shown["state"] == "running")
    assert running["settled_cents"] == 414_000
    assert running["instalments"][0]["booked_on"] == date.fromisoformat(SIGNING).isoformat()
    half = {"participants": 12, "participants_at_risk": 5, "summary": "Puse.", "publicity": "Logo"}
    path = f"/projects/{project_id}"
    await money.grants.send(f"{path}/proof", half, by=subject, at=PROVING)
    check = {"accepted": True}
    owing = await money.grants.send(f"{path}/acceptance", check, by=ORGANISER, at=ACCEPTING)
    assert (owing["state"], owing["recovery"]["cents"]) == ("recovery", 184_000)
    await money.give_back(order_id, 84_000, at=ACCEPTING)
    await money.give_back(order_id, 100_000, at=ACCEPTING)
    over = await money.project_when(project_id, lambda shown: shown["state"] == "recovered")
    assert over["recovery"]["recovered_cents"] == 184_000
