"""A large upload in pieces goes on where it stopped, whoever died: the client or the service."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from tests.doors import MakeDoors
from tests.integration.payments.cells import Cell
from tests.money_facts import LATER, OFFICE, SCHOOL, TEACHER, a_claim, an_invoice

PIECES, LINES = 8, 250


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cell(
    service_doors: MakeDoors, token_keys: Path, tmp_path_factory: Any
) -> AsyncIterator[Cell]:
    """The doors of payments in a process of their own, which may be killed."""
    made = Cell(
        await service_doors("payments"),
        office=OFFICE,
        school=SCHOOL,
        logs=tmp_path_factory.mktemp("uploads"),
    )
    await made.open()
    async with made.running("", token_keys):
        yield made


async def pieces_of(cell: Cell, name: str) -> list[list[dict[str, Any]]]:
    """Claims of 1.00 each for a pupil per piece, with ids the client gave."""
    found = []
    for piece in range(PIECES):
        plan_id = await cell.a_plan({"m": ("meals", {"2021-10": 25_000})})
        found.append(
            [
                a_claim(
                    plan_id,
                    "m",
                    100,
                    claim_id=f"{name}-{piece}-{line}",
                    evidence=an_invoice(f"{name}-{piece}-{line}"),
                )
                for line in range(LINES)
            ]
        )
    return found


async def upload(cell: Cell, piece: Sequence[dict[str, Any]], key: str) -> httpx.Response:
    """Send a piece as JSON lines under a key of the client's."""
    headers = cell.doors.headers(TEACHER, LATER, key) | {"Content-Type": "application/x-ndjson"}
    body = "\n".join(json.dumps(line) for line in piece)
    return await cell.doors.client.post("/claims", content=body, headers=headers)


async def what_is_ordered(cell: Cell, name: str) -> tuple[int, int]:
    """Orders of an upload and the claims they are of, counted in the database."""
    asked = text("""
        SELECT count(*), count(DISTINCT claim_id) FROM orders WHERE claim_id LIKE :name || '-%'
    """)
    async with cell.doors.database.transaction() as session:
        row = (await session.execute(asked, {"name": name})).one()
    return row[0], row[1]


@pytest.mark.feature("M29")
async def test_an_upload_sent_again_after_its_service_was_killed_doubles_nothing(
    cell: Cell,
) -> None:
    pieces = await pieces_of(cell, "killed")
    chance = random.Random(29)

    async def kill() -> None:
        await asyncio.sleep(chance.uniform(0, 0.25))
        cell.kill_web()

    answered: dict[str, bytes] = {}
    for number, piece in enumerate(pieces):
        key = f"killed-{number}"
        killing = asyncio.create_task(kill()) if number % 2 else None
        try:
            answered[key] = (await upload(cell, piece, key)).content
        except httpx.TransportError:
            assert killing is not None
        if killing is not None:
            await killing
            await cell.start_web()
    for number, piece in enumerate(pieces):
        key = f"killed-{number}"
        answer = await upload(cell, piece, key)
        assert (answer.status_code, answer.json()["accepted"]) == (200, LINES)
        assert answer.content == answered.get(key, answer.content), "as it was answered before"
    assert await what_is_ordered(cell, "killed") == (PIECES * LINES, PIECES * LINES)


@pytest.mark.feature("M29")
async def test_an_upload_cut_into_other_pieces_answers_each_line_as_before(cell: Cell) -> None:
    pieces = await pieces_of(cell, "recut")
    lines = [line for piece in pieces for line in piece]
    before = []
    for number, piece in enumerate(pieces[:5]):
        before += (await upload(cell, piece, f"recut-{number}")).json()["lines"]
    again = (await upload(cell, lines, "recut-whole")).json()
    assert (again["accepted"], again["refused"]) == (len(lines), 0)
    orders = [line["details"]["order_id"] for line in again["lines"]]
    assert orders[: len(before)] == [line["details"]["order_id"] for line in before]
    repeated = ["answered_before" in line["details"] for line in again["lines"]]
    assert repeated == [number < len(before) for number in range(len(lines))]
    assert await what_is_ordered(cell, "recut") == (len(lines), len(lines))
    somebody = cell.doors.headers("another.teacher", LATER, "recut-stolen")
    await cell.doors.grant("another.teacher", "preparer", SCHOOL)
    stolen = await cell.doors.client.post("/claims", json=lines[:1], headers=somebody)
    assert stolen.json()["lines"][0]["code"] == "claim-repeated", "only to who entered it"
