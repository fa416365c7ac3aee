"""Payments dies while it orders, issues files and is told the outcome: one file, one payment each.

FAULT_SEED chooses the moments; without it they are others each time, and printed.
"""

import asyncio
import logging
import os
import random
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from aiokafka.errors import KafkaError

from deploy.demo.topics_stage import everything, paid_once
from deploy.practice_office import Office, work
from tests.money_facts import LATER, OFFICE, OFFICER, TEACHER
from tests.perf.money_chain import Money, money

PLANS, ROUNDS, CLAIMS = 40, 4, 60
KILL_SECONDS = (0.0, 0.12)
TRY_SECONDS_MAX, PAUSE_SECONDS = 60, 0.1
AWAY = (httpx.TransportError, KafkaError, OSError, asyncio.TimeoutError)
LOG = logging.getLogger(__name__)
WRONG_MONTHS = """
    SELECT count(*) FROM pupil_months m LEFT JOIN (
        SELECT pupil_ref, month, sum(cents) AS cents FROM orders
        WHERE state <> 'returned' GROUP BY pupil_ref, month) o USING (pupil_ref, month)
    WHERE m.ordered_cents <> coalesce(o.cents, 0)
"""


@dataclass
class Client:
    """Somebody who sends a command again, under the same key, until it is answered."""

    world: Money
    chance: random.Random

    async def send(self, path: str, body: Any, *, by: str) -> Any:
        """One command; payments is killed at a random moment while it is under way."""
        key = str(uuid.uuid4())
        await self.world.system.wait_ready("payments")
        dying = asyncio.create_task(self._kill_soon())
        try:
            return await self._until_answered(path, body, by=by, key=key)
        finally:
            await dying

    async def _kill_soon(self) -> None:
        await asyncio.sleep(self.chance.uniform(*KILL_SECONDS))
        self.world.system.kill("payments")

    async def _until_answered(self, path: str, body: Any, *, by: str, key: str) -> Any:
        headers = {
            "Authorization": f"Bearer {self.world.system.token(by)}",
            "Programme-Time": LATER,
            "Idempotency-Key": key,
        }
        async with asyncio.timeout(TRY_SECONDS_MAX):
            while True:
                with suppress(httpx.TransportError):
                    url = self.world.system.urls["payments"] + path
                    answer = await self.world.client.post(url, json=body, headers=headers)
                    if answer.status_code < 500:
                        assert answer.is_success, answer.text
                        return answer.json()
                await asyncio.sleep(PAUSE_SECONDS)


@asynccontextmanager
async def an_office(world: Money) -> AsyncIterator[None]:
    """The office's own program, which begins again whenever payments is away."""

    async def keep_working() -> None:
        while True:
            office = Office(
                OFFICE,
                world.system.bootstrap,
                world.system.urls["payments"],
                lambda: world.system.token(OFFICER),
                in_programme_time=True,
            )
            with suppress(*AWAY, httpx.HTTPStatusError):
                await work(office)
            await asyncio.sleep(PAUSE_SECONDS)

    working = asyncio.create_task(keep_working())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def a_month(client: Client) -> int:
    """Claims, approvals, a file; payments dies during each. Gives the cents ordered."""
    lines = client.world.claims(CLAIMS)
    answer = await client.send("/claims", {"lines": lines}, by=TEACHER)
    assert answer["refused"] == 0, answer
    orders = [{"order_id": line["details"]["order_id"]} for line in answer["lines"]]
    await client.send("/orders/approvals", {"lines": orders}, by=OFFICER)
    body = {"partner": OFFICE, "execution_date": "2021-11-16"}
    issued = await client.send("/bank-files", body, by=OFFICER)
    assert sum(file["count"] for file in issued["files"]) == CLAIMS, issued
    return sum(file["cents"] for file in issued["files"])


async def settled(books: asyncpg.Connection, count: int) -> bool:
    """Whether so many orders are settled and none waits."""
    found = await books.fetch("SELECT state, count(*) AS n FROM orders GROUP BY state")
    return [(row["state"], row["n"]) for row in found] == [("settled", count)]


async def died(world: Money, times: int) -> bool:
    """Whether payments was killed so often and the supervision has counted each."""
    return world.system.restarts["payments"] == times


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until it is so."""
    async with asyncio.timeout(TRY_SECONDS_MAX):
        while not await look():
            await asyncio.sleep(PAUSE_SECONDS)


@pytest.mark.needs_real_broker
@pytest.mark.feature("D11", "M29")
async def test_payments_may_die_between_order_file_and_outcome_and_pays_each_order_once() -> None:
    seed = int(os.environ.get("FAULT_SEED") or secrets.randbelow(10**6))
    LOG.warning("FAULT_SEED=%s", seed)
    async with money(PLANS, "reporting") as world:
        client, books = Client(world, random.Random(seed)), world.databases["payments"]
        async with an_office(world):
            cents = [await a_month(client) for _ in range(ROUNDS)]
            await until(lambda: settled(books, ROUNDS * CLAIMS))
        assert await books.fetchval("SELECT sum(cents) FROM orders") == sum(cents)
        assert await books.fetchval("SELECT count(*) FROM bank_files") == ROUNDS
        assert await books.fetchval(WRONG_MONTHS) == 0
        topics = await asyncio.to_thread(everything, world.system.bootstrap)
        assert paid_once(topics) == ROUNDS * CLAIMS
        await until(lambda: died(world, 3 * ROUNDS))
