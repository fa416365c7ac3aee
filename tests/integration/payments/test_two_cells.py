"""Two cells of payments on one broker, killed in between: no paper is paid twice."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer

from shared.contracts.evidence import EVIDENCE
from tests.doors import MakeDoors
from tests.integration.payments.cells import Cell, harm, running_cells
from tests.money_facts import OTHER_SCHOOL, SCHOOL, a_claim, an_invoice

WAIT_SECONDS_MAX = 90
TICKETS = 12
OFFICES = ("90000099911", "90000099922")
"""Nobody else's on this broker: what their topics hold is of these two cells."""
PLACES = (("one", OFFICES[0], SCHOOL), ("other", OFFICES[1], OTHER_SCHOOL))
DECIDED = ("first", "elsewhere")

pytestmark = pytest.mark.needs_real_broker


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cells(
    service_doors: MakeDoors, kafka_bootstrap: str, token_keys: Path, tmp_path_factory: Any
) -> AsyncIterator[list[Cell]]:
    """The web processes of two cells; each has an office, a school and a database of its own."""
    logs = tmp_path_factory.mktemp("cells")
    ways = (kafka_bootstrap, token_keys, logs)
    async with running_cells(PLACES, service_doors, *ways) as cells:
        yield cells


async def ordered(cell: Cell, number: str, plan_id: str | None = None) -> str | None:
    """An approved order on a ticket; None where the cell knows that it is paid elsewhere."""
    plan_id = plan_id or await cell.a_plan_with_room(4_000)
    line = a_claim(plan_id, "m", 4_000, evidence=an_invoice(number))
    (answer,) = await cell.claim([line])
    if answer["status"] == "refused":
        assert answer["code"] == "evidence-paid-elsewhere", answer
        return None
    order_id: str = answer["details"]["order_id"]
    (approved,) = await cell.approve_orders(order_id)
    # Between the two commands the evidence may have come back as paid elsewhere.
    assert approved["status"] == "accepted" or approved["code"] == "wrong-move", approved
    return order_id


async def until(cell: Cell, order_id: str, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The order once it is so."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not so(order := await cell.order(order_id)):
            await asyncio.sleep(0.05)
    return order


async def decided(cell: Cell, order_id: str) -> str:
    """What the country says of the order's evidence."""
    order = await until(cell, order_id, lambda order: order["evidence"] in DECIDED)
    return str(order["evidence"])


async def in_files(cell: Cell) -> list[str]:
    """Issue what may leave; the ids of the files."""
    answer = await cell.issue_file()
    assert answer.status_code == 201 or answer.json()["code"] == "nothing-to-pay", answer.text
    return [file["file_id"] for file in answer.json().get("files", ())]


@pytest.mark.feature("M10")
@pytest.mark.feature("N4")
@pytest.mark.parametrize("first", [0, 1])
async def test_whose_claim_reaches_the_topic_first_pays_though_it_was_made_later(
    cells: list[Cell], first: int
) -> None:
    winner, loser = cells[first], cells[1 - first]
    number = f"ORDER-{first}"
    loser.start_worker()
    plan_id = await loser.a_plan_with_room(4_000)
    loser.kill_worker()
    early = await ordered(loser, number, plan_id)
    assert early is not None
    assert (await loser.order(early))["evidence"] == "pending", "its worker is down"
    assert await in_files(loser) == [], "nothing leaves before it came back as first"
    winner.start_worker()
    later = await ordered(winner, number)
    assert later is not None
    assert await decided(winner, later) == "first"
    loser.start_worker()
    assert await decided(loser, early) == "elsewhere"
    assert (await loser.order(early))["state"] == "cancelled"
    assert len(await in_files(winner)) == 1
    assert await in_files(loser) == []
    for cell in cells:
        cell.kill_worker()


@pytest.mark.feature("M10")
@pytest.mark.feature("N4")
@pytest.mark.feature("D11")
async def test_no_ticket_is_paid_twice_while_cells_claim_at_once_and_are_killed(
    cells: list[Cell],
) -> None:
    chance = random.Random(20261128)
    for cell in cells:
        cell.start_worker()
    plans = [[await cell.a_plan_with_room(4_000) for cell in cells] for _ in range(TICKETS)]
    harming = asyncio.create_task(harm(cells, chance))
    orders: list[tuple[str | None, ...]] = []
    for number in range(TICKETS):
        asked = zip(cells, plans[number], strict=True)
        both = await asyncio.gather(
            *(ordered(cell, f"BOTH-{number}", plan) for cell, plan in asked)
        )
        orders.append(tuple(both))
        for cell in cells:
            await in_files(cell)
        await asyncio.sleep(chance.uniform(0, 1))
    harming.cancel()
    for of_ticket in orders:
        standing = [
            "elsewhere" if order_id is None else await decided(cell, order_id)
            for cell, order_id in zip(cells, of_ticket, strict=True)
        ]
        assert sorted(standing) == ["elsewhere", "first"]
    for cell in cells:
        await in_files(cell)
    for of_ticket in orders:
        found = [
            await cell.order(order_id)
            for cell, order_id in zip(cells, of_ticket, strict=True)
            if order_id is not None
        ]
        in_a_file = [order for order in found if order["file_id"] is not None]
        assert [order["state"] for order in in_a_file] == ["in_file"]
        assert {o["state"] for o in found if o["file_id"] is None} <= {"cancelled"}


async def test_after_a_return_the_other_office_can_claim(cells: list[Cell]) -> None:
    one, other = cells
    for cell in cells:
        cell.kill_worker()
        cell.start_worker()
    order_id = await ordered(one, "RETURNED-1")
    assert order_id is not None and await decided(one, order_id) == "first"
    assert len(await in_files(one)) == 1
    assert (await one.report(order_id, "returned"))["status"] == "accepted"
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while (again := await ordered(other, "RETURNED-1")) is None:
            await asyncio.sleep(0.2)
    assert await decided(other, again) in DECIDED
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while await decided(other, again) != "first":
            again = await ordered(other, "RETURNED-1") or again
    assert len(await in_files(other)) == 1


@pytest.mark.feature("N4")
async def test_no_byte_of_the_topic_names_a_paper_a_pupil_or_an_office(
    cells: list[Cell], kafka_bootstrap: str
) -> None:
    consumer = AIOKafkaConsumer(
        EVIDENCE.name, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    seen = b""
    try:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while not seen or (await consumer.end_offsets(consumer.assignment())) != {
                place: await consumer.position(place) for place in consumer.assignment()
            }:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        headers = b" ".join(name.encode() + b"=" + v for name, v in record.headers)
                        seen += b"\n".join((record.key, headers, record.value, b""))
    finally:
        await consumer.stop()
    assert b"evidence-claimed" in seen and b"evidence-released" in seen
    offices = [office.encode() for office in OFFICES]
    for secret in (b"ce_partner", *offices, b"p1:", b"40003521600", b"BOTH-", b"cents"):
        assert secret not in seen
