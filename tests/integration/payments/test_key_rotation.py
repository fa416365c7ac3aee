"""The nation's evidence key changes, cell after cell: no paper is paid twice on the way."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr, ValidationError

from deploy.local.tokens import TokenIssuer
from services.payments.app import SERVICE
from services.payments.settings import Settings
from tests.builders_payments import Payments
from tests.conftest import MakeDatabase
from tests.doors import open_doors
from tests.integration.payments.commands import command
from tests.integration.payments.country import hear, months_agreed
from tests.integration.payments.test_evidence_in_the_country import evidence_said
from tests.money_facts import (
    COUNTER,
    OFFICE,
    OTHER_OFFICE,
    OTHER_SCHOOL,
    SCHOOL,
    a_claim,
    an_invoice,
)

OLD, BOTH, NEW = "old", "both", "new"
KEYS: dict[str, dict[str, Any]] = {
    OLD: {"evidence_key": SecretStr("key one"), "evidence_key_version": 1},
    NEW: {"evidence_key": SecretStr("key two"), "evidence_key_version": 2},
}
KEYS[BOTH] = KEYS[NEW] | {
    "evidence_key_previous": SecretStr("key one"),
    "evidence_key_previous_version": 1,
}
PLACES = {"sigulda": (OFFICE, SCHOOL), "preili": (OTHER_OFFICE, OTHER_SCHOOL)}
Under = Callable[[str, str], Payments]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def under(
    make_database: MakeDatabase, tokens: TokenIssuer, token_keys: Path
) -> AsyncIterator[Under]:
    """Two cells, each with its database; each runs under the old key, both, or the new one."""
    made: dict[tuple[str, str], Payments] = {}
    async with AsyncExitStack() as stack:
        for name, (office, school) in PLACES.items():
            url = await make_database("payments")
            for keys, settings in KEYS.items():
                more = {"cell": name, "serves": office, **settings}
                doors = open_doors(SERVICE, url, tokens=tokens, keys=token_keys, **more)
                opened = await stack.enter_async_context(doors)
                made[name, keys] = Payments(opened, office=office, school=school)
            await made[name, OLD].open()
        yield lambda name, keys: made[name, keys]


class Country:
    """The topic of evidence as several partitions, each with an order of its own."""

    def __init__(self, seed: int = 0) -> None:
        self.chance = random.Random(seed)
        self.shelves: dict[str, list[Any]] = defaultdict(list)
        self.heard: dict[tuple[str, str], int] = defaultdict(int)

    async def tell(self, *cells: Payments) -> None:
        """What the cells have said meets on each shelf in an order of its own."""
        said = [await evidence_said(cell) for cell in cells]
        for shelf in sorted({one.fact.shelf for of_one in said for one in of_one}):
            for of_one in self.chance.sample(said, len(said)):
                self.shelves[shelf] += [one for one in of_one if one.fact.shelf == shelf]

    async def hear(self, *cells: Payments) -> None:
        """Each cell hears what it has not heard, shelf after shelf in whatever order."""
        for cell in cells:
            for shelf in self.chance.sample(sorted(self.shelves), len(self.shelves)):
                place = cell.office, shelf
                await hear(self.shelves[shelf][self.heard[place] :], cell)
                self.heard[place] = len(self.shelves[shelf])

    async def settle(self, *cells: Payments) -> None:
        """Tell and hear until nobody has anything to say."""
        for _ in range(3):
            await self.tell(*cells)
            await self.hear(*cells)


async def claimed(cell: Payments, number: str, **more: str) -> str | None:
    """An approved order on a paper or a line of it; None where it is known as paid elsewhere."""
    plan_id = await cell.a_plan({"m": ("meals", {"2021-10": 4_000})})
    await months_agreed(cell)
    line = a_claim(plan_id, "m", 4_000, evidence=an_invoice(number) | more)
    (answer,) = await cell.claim([line])
    if answer["status"] == "refused":
        assert answer["code"] == "evidence-paid-elsewhere", answer
        return None
    order_id: str = answer["details"]["order_id"]
    await cell.approve_orders(order_id)
    return order_id


async def told_again(cell: Payments) -> str:
    """What the command answers by which an operator has a cell tell its claims under both keys."""
    settings, keys = cell.doors.settings, KEYS[BOTH]
    environment = {name.upper(): str(value) for name, value in keys.items()} | {
        name.upper(): value.get_secret_value()
        for name, value in keys.items()
        if isinstance(value, SecretStr)
    }
    done = await asyncio.to_thread(
        command, cell, "tell-evidence-again", CELL=settings.cell, SERVES=settings.serves,
        **environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


async def stands(cell: Payments, order_id: str) -> tuple[str, str]:
    """Where an order and its evidence stand."""
    order = await cell.order(order_id)
    return order["state"], order["evidence"]


@pytest.mark.feature("N4")
async def test_a_paper_paid_under_the_old_key_is_known_until_the_old_key_is_gone_and_after(
    under: Under,
) -> None:
    country = Country()
    first, late = under("sigulda", OLD), under("preili", OLD)
    before = await claimed(late, "BEFORE-ROTATION")
    assert before is not None
    await country.settle(first, late)
    first = under("sigulda", BOTH)
    assert await claimed(first, "BEFORE-ROTATION") is None, "a rotated cell looks under both"
    while_one = await claimed(first, "WHILE-ONE-HAS-ROTATED")
    assert while_one is not None
    await country.settle(first, late)
    assert await stands(first, while_one) == ("approved", "first")
    assert await claimed(late, "WHILE-ONE-HAS-ROTATED") is None, "the other is told under the old"
    late = under("preili", BOTH)
    for cell in (first, late):
        assert await told_again(cell) == "1 orders told again"
    await country.settle(first, late)
    first, late = under("sigulda", NEW), under("preili", NEW)
    assert await claimed(first, "BEFORE-ROTATION") is None, "told again, it is known under the new"
    assert await claimed(late, "WHILE-ONE-HAS-ROTATED") is None
    for cell, order_id in ((late, before), (first, while_one)):
        assert await stands(cell, order_id) == ("approved", "first")
        (file,) = (await cell.issue_file()).json()["files"]
        assert file["count"] == 1


@pytest.mark.feature("M10")
@pytest.mark.feature("N4")
@pytest.mark.parametrize("keys", [(OLD, BOTH), (BOTH, OLD), (BOTH, BOTH), (BOTH, NEW), (NEW, BOTH)])
async def test_of_two_cells_on_different_steps_at_most_one_pays_and_one_can(
    under: Under, keys: tuple[str, str]
) -> None:
    one, other = under("sigulda", keys[0]), under("preili", keys[1])
    for seed in range(5):
        country = Country(seed)
        number = f"STEP-{'-'.join(keys)}-{seed}-{next(COUNTER)}"
        orders = {cell: await claimed(cell, number) for cell in (one, other)}
        await country.settle(one, other)
        found = [await stands(cell, order_id or "") for cell, order_id in orders.items()]
        paid = [cell for cell in (one, other) if (await cell.issue_file()).status_code == 201]
        assert len(paid) == found.count(("approved", "first")) <= 1
        assert len(paid) + found.count(("cancelled", "elsewhere")) == 2
        if not paid:
            # Each was first on one shelf only: neither holds the paper any more.
            again = await claimed(one, number)
            assert again is not None
            await country.settle(one, other)
            assert await stands(one, again) == ("approved", "first")
            assert (await one.issue_file()).status_code == 201


@pytest.mark.feature("N4")
@pytest.mark.parametrize("keys", [(OLD, BOTH), (BOTH, OLD), (BOTH, BOTH), (BOTH, NEW), (NEW, BOTH)])
async def test_a_bill_is_paid_by_line_or_as_a_whole_whatever_step_its_cells_are_on(
    under: Under, keys: tuple[str, str]
) -> None:
    one, other = under("sigulda", keys[0]), under("preili", keys[1])
    for seed in range(3):
        country = Country(seed)
        number = f"LINES-{'-'.join(keys)}-{seed}"
        lines = [await claimed(one, number, line=line) for line in ("1", "2")]
        whole = await claimed(other, number)
        await country.settle(one, other)
        by_line = [await stands(one, order_id or "") for order_id in lines]
        at_once = await stands(other, whole or "")
        first = ("approved", "first")
        assert at_once != first or first not in by_line, "the bill is paid twice"
        assert {*by_line, at_once} <= {first, ("cancelled", "elsewhere")}
        for cell in (one, other):
            await cell.issue_file()
        if at_once != first:
            third = await claimed(one, number, line="3")
            await country.settle(one, other)
            assert await stands(one, third or "") == first, "other lines may follow"
            assert await claimed(other, number) is None
            await one.issue_file()


async def test_what_was_claimed_under_two_keys_is_free_under_both_when_it_comes_back(
    under: Under,
) -> None:
    country = Country(1)
    one, other = under("sigulda", BOTH), under("preili", OLD)
    order_id = await claimed(one, "BACK-UNDER-BOTH")
    assert order_id is not None
    await country.settle(one, other)
    assert (await one.issue_file()).status_code == 201
    one = under("sigulda", NEW)
    assert (await one.report(order_id, "returned"))["status"] == "accepted"
    await country.settle(one, other)
    again = await claimed(other, "BACK-UNDER-BOTH")
    assert again is not None, "what was told under the old key is given back under it"
    await country.settle(one, other)
    assert await stands(other, again) == ("approved", "first")
    assert (await other.issue_file()).status_code == 201


def test_the_previous_key_is_another_one_of_another_version() -> None:
    for same in ({"evidence_key_previous": SecretStr("key two")},
                 {"evidence_key_previous_version": 2}):  # fmt: skip
        with pytest.raises(ValidationError, match="EVIDENCE_KEY_PREVIOUS"):
            Settings(database_url="postgresql+asyncpg://unused", **KEYS[BOTH] | same)
