"""The chain of money on one machine: claims, orders, bank file, office, counts, the nation."""

import asyncio
import itertools
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg
import httpx

from deploy.local.system import FIRST_PERSON, LocalSystem
from deploy.practice_office import Office, work
from shared.contracts.base import Fact
from shared.contracts.identification import StaffGranted
from tests.money_facts import (
    LATER,
    OFFICE,
    OFFICER,
    SCHOOL,
    TEACHER,
    a_claim,
    a_school,
    account,
    an_approval,
    pupil,
)
from tests.perf.ground import plain
from tests.perf.teller import Teller, teller

PAYER = {"iban": account(1), "bic": "TRELLV22"}
CENTS = 500
LINES_AT_ONCE = 2_000
IN_FLIGHT = 2
WAVE = 5_000
"""Claims of the chain that are approved and filed together, while the next are claimed."""
WAIT_SECONDS_MAX = 120
ORDER_COMMITTED = "SELECT pg_xact_commit_timestamp(xmin) FROM orders WHERE order_id = $1"
ORDERED_CELLS = """
    FROM national_cells WHERE measure = 'ordered_cents' AND level = 'school' AND period LIKE '%m'
"""
ORDERED = f"SELECT coalesce(sum(value), 0) {ORDERED_CELLS}"
ORDERED_COMMITTED = f"SELECT max(pg_xact_commit_timestamp(xmin)) {ORDERED_CELLS}"
SETTLED = """
    SELECT coalesce(sum(value), 0) FROM national_cells
    WHERE measure = 'settled_cents' AND level = 'school' AND period LIKE '%m'
"""


@dataclass
class Money:
    """A running payments with plans to claim for, and reporting where it was asked for."""

    system: LocalSystem
    client: httpx.AsyncClient
    databases: Mapping[str, asyncpg.Connection]
    plans: list[str]

    def __post_init__(self) -> None:
        """Plans take turns over all measurements, so that none meets its ceiling."""
        self.in_turn = itertools.cycle(self.plans)

    async def send(self, path: str, body: Any, *, by: str, method: str = "POST") -> Any:
        """A command to payments."""
        headers = {
            "Authorization": f"Bearer {self.system.token(by)}",
            "Programme-Time": LATER,
            "Idempotency-Key": str(uuid.uuid4()),
        }
        url = self.system.urls["payments"] + path
        answer = await self.client.request(method, url, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    async def claim(self, lines: Sequence[dict[str, Any]]) -> list[str]:
        """Claims in bulk; gives the orders they became."""
        answer = await self.send("/claims", {"lines": list(lines)}, by=TEACHER)
        assert answer["refused"] == 0, answer["lines"][0]
        return [line["details"]["order_id"] for line in answer["lines"]]

    def claims(self, count: int) -> list[dict[str, Any]]:
        """So many claims over the plans in turn, each with its own invoice."""
        return [a_claim(next(self.in_turn), "m", CENTS) for _ in range(count)]

    async def ask(self, service: str, question: str, *values: Any) -> Any:
        """One value out of a service's database."""
        return await self.databases[service].fetchval(question, *values)

    async def until(self, service: str, question: str, least: int) -> None:
        """Ask again and again until the answer is there."""
        end = time.monotonic() + WAIT_SECONDS_MAX
        while (found := await self.ask(service, question)) < least:
            assert time.monotonic() < end, f"{question}: {found} of {least}"
            await asyncio.sleep(0.02)


def _grant(subject: str, role: str, organisation: str) -> StaffGranted:
    return StaffGranted(
        register_key=f"grant:{subject}:{role}",
        version=1,
        grant_id=f"{subject}-{role}",
        subject=subject,
        staff_ref=None,
        role=role,
        organisation=organisation,
        staff_kind=None,
        valid_from=date(2017, 1, 1),
        valid_to=None,
    )


async def _tell_world(say: Teller, plans: int) -> list[str]:
    """Roles, a school, and approved plans with room for sixty claims each."""
    await say.say(
        [
            a_school(SCHOOL, OFFICE),
            _grant(TEACHER, "preparer", SCHOOL),
            _grant(OFFICER, "payment_officer", OFFICE),
        ]
    )
    names = [f"perf-plan-{n}" for n in range(plans)]
    planned = {"m": ("meals", {"2021-10": 30_000})}
    facts: list[Fact] = [an_approval(pupil(), name, planned) for name in names]
    await say.say(facts)
    return names


@asynccontextmanager
async def money(plans: int, *services: str) -> AsyncIterator[Money]:
    """Payments, these services and an office's topics, with so many approved plans heard of."""
    async with (
        LocalSystem(
            "perf", services=("payments", *services), offices=[OFFICE], real_broker=True
        ) as system,
        teller(system) as say,
        httpx.AsyncClient(timeout=60) as client,
        AsyncExitStack() as stack,
    ):
        names = await _tell_world(say, plans)
        databases = {}
        for name, url in system.databases.items():
            databases[name] = await asyncpg.connect(plain(url))
            stack.push_async_callback(databases[name].close)
        found = Money(system, client, databases, names)
        await found.until("payments", "SELECT count(*) FROM plans", plans)
        await found.until("payments", "SELECT count(*) FROM register_grants", 2)
        account_of = {"name": "payer_account", "place": OFFICE, "value": PAYER, "source": "measure"}
        await found.send("/parameters", account_of, by=FIRST_PERSON, method="PUT")
        payee = {"payee_id": "mother", "partner": OFFICE, "kind": "parent", "name": "Anna Bērziņa"}
        line = payee | {"account": account(2)}
        await found.send("/payees", {"lines": [line]}, by=TEACHER)
        yield found


async def claims_to_orders(world: Money, count: int) -> tuple[list[str], float]:
    """Claims over HTTP, two requests in flight; gives the orders and seconds."""
    lines = world.claims(count)
    bodies = iter([lines[n : n + LINES_AT_ONCE] for n in range(0, count, LINES_AT_ONCE)])
    orders: list[str] = []

    async def one_after_another() -> None:
        for body in bodies:
            orders.extend(await world.claim(body))

    began = time.monotonic()
    await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))
    return orders, time.monotonic() - began


async def parallel_commands(world: Money, count: int) -> tuple[float, float]:
    """Claims for one pupil's month, a command each: seconds one after another, and all at once."""
    claims = [a_claim(world.plans[0], "m", CENTS // count) for _ in range(2 * count)]
    began = time.monotonic()
    for claim in claims[:count]:
        await world.claim([claim])
    between = time.monotonic()
    await asyncio.gather(*(world.claim([claim]) for claim in claims[count:]))
    return between - began, time.monotonic() - between


async def whole_chain(world: Money, count: int) -> float:
    """Claims → orders → approved → file → office → settled → in the national table; seconds."""
    office = Office(
        OFFICE,
        world.system.bootstrap,
        world.system.urls["payments"],
        lambda: world.system.token(OFFICER),
        in_programme_time=True,
    )
    paying = asyncio.create_task(work(office))
    before = await world.ask("reporting", SETTLED)
    began = time.monotonic()
    try:
        filing = asyncio.create_task(asyncio.sleep(0))
        for _ in range(count // WAVE):
            orders, _ = await claims_to_orders(world, WAVE)
            await filing
            filing = asyncio.create_task(_approve_and_file(world, orders))
        await filing
        await world.until("reporting", SETTLED, before + count * CENTS)
        return time.monotonic() - began
    finally:
        paying.cancel()


async def _approve_and_file(world: Money, orders: Sequence[str]) -> None:
    """The officer's part: approve, and make the file."""
    for first in range(0, len(orders), LINES_AT_ONCE):
        lines = [{"order_id": order} for order in orders[first : first + LINES_AT_ONCE]]
        await world.send("/orders/approvals", {"lines": lines}, by=OFFICER)
    body = {"partner": OFFICE, "execution_date": "2021-11-16"}
    await world.send("/bank-files", body, by=OFFICER)


async def latencies(world: Money, rounds: int) -> tuple[list[float], list[float]]:
    """Idle: one claim at a time; ms from its commit until reporting has its order, and the nation.

    The database says when each was committed: asking it all the time would be no idle machine.
    """
    next_service, national = [], []
    for _ in range(rounds):
        cents = await world.ask("reporting", ORDERED)
        (order,) = await world.claim(world.claims(1))
        await world.until("reporting", ORDERED, cents + CENTS)
        began = await world.ask("payments", ORDER_COMMITTED, order)
        heard = await world.ask("reporting", ORDER_COMMITTED, order)
        told = await world.ask("reporting", ORDERED_COMMITTED)
        next_service.append((heard - began).total_seconds() * 1000)
        national.append((told - began).total_seconds() * 1000)
        await asyncio.sleep(0.05)
    return next_service, national
