"""What every door of every service keeps: who, in one transaction, once, with a clear answer."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
import pytest_asyncio
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select, text
from starlette.responses import Response

from deploy.local.tokens import TokenIssuer
from shared import clock, migrations
from shared.auth import Role
from shared.bulk import BulkAnswer, LineAnswer, OnError, accepted, read_lines, refused, settle
from shared.calendar import TIMEZONE
from shared.errors import Refused
from shared.migrations import add_shared_tables, create_shared_tables
from shared.parameters import ParameterSpec, seed
from shared.service import Service
from shared.settings import Environment, ServiceSettings
from shared.web import Command, Query, command, query
from tests.doors import Doors, open_doors

METADATA = add_shared_tables(MetaData())
NOTES = Table("notes", METADATA, Column("number", Integer, primary_key=True))
SPECS = (
    ParameterSpec("largest_number", 100, "our rule", "the largest number a note may have"),
    ParameterSpec("register_number", "8.3.4.0", "our rule", "a number with spelling variants"),
)
router = APIRouter()


class Note(BaseModel):
    """A number to write down."""

    number: int = Field(ge=1)


class Unlucky(Refused):
    """Thirteen is not written down."""

    code = "unlucky"


async def _write(order: Command, lines: list[tuple[int, Note]]) -> list[LineAnswer]:
    unlucky = [n for n, note in lines if note.number == 13]
    rows = [{"number": note.number} for n, note in lines if n not in unlucky]
    if rows:
        await order.session.execute(insert(NOTES), rows)
    good = [accepted(n, str(note.number)) for n, note in lines if n not in unlucky]
    return [*good, *(refused(n, Unlucky(field="number")) for n in unlucky)]


@router.post("/notes", response_model=BulkAnswer)
async def write_notes(
    request: Request,
    order: Annotated[Command, command(Role.HEAD)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Write numbers down."""
    lines, bad = await read_lines(request, Note, lines_max=1000)
    return await order.answer(settle([*bad, *await _write(order, lines)], on_error))


@router.get("/notes")
async def count_notes(asked: Annotated[Query, query(Role.HEAD, Role.AUDITOR)]) -> dict[str, Any]:
    """How many numbers stand there."""
    count = await asked.session.scalar(select(func.count()).select_from(NOTES))
    return {"count": count, "today": asked.today.isoformat()}


NOTEBOOK = Service("notebook", "owns: notes", ServiceSettings, METADATA, [router], parameters=SPECS)


def _make_tables(connection: Any) -> None:
    create_shared_tables(connection)
    NOTES.create(connection)
    seed(connection, SPECS, owner="notebook")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doors(empty_database: str, tokens: TokenIssuer, token_keys: Path) -> AsyncIterator[Doors]:
    await migrations.run(empty_database, _make_tables)
    async with open_doors(NOTEBOOK, empty_database, tokens=tokens, keys=token_keys) as opened:
        await opened.grant("head", Role.HEAD, "school-1")
        await opened.grant("auditor", Role.AUDITOR, "state")
        await opened.grant("officer", Role.STATE_OFFICER, "state")
        yield opened


async def _count(doors: Doors) -> int:
    found: int = (await doors.get("/notes", by="head")).json()["count"]
    return found


async def test_without_a_token_every_door_is_closed(doors: Doors) -> None:
    for answer in (
        await doors.get("/notes", by=None),
        await doors.send("/notes", {"lines": [{"number": 1}]}, by=None),
        await doors.client.get("/notes", headers={"Authorization": "Bearer nonsense"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_token_that_ran_out_or_is_for_somebody_else_opens_nothing(
    doors: Doors, tokens: TokenIssuer
) -> None:
    for token in (
        tokens.token("head", lifetime_seconds=-3600),
        tokens.token("head", audience="another-system"),
    ):
        answer = await doors.client.get("/notes", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


async def test_a_role_that_does_not_fit_is_named(doors: Doors) -> None:
    answer = await doors.send("/notes", {"lines": [{"number": 1}]}, by="auditor")
    assert answer.status_code == 403
    assert answer.json()["code"] == "role-missing"
    assert answer.json()["needed"] == ["head"]


async def test_a_grant_counts_at_the_time_of_the_request_only(doors: Doors) -> None:
    await doors.grant("late", Role.HEAD, "school-2", valid_from=date(2018, 1, 1))
    assert (await doors.get("/notes", by="late", at="2017-12-31")).status_code == 403
    assert (await doors.get("/notes", by="late", at="2018-01-01")).status_code == 200


async def test_of_a_thousand_lines_ten_bad_ones_are_named_and_the_rest_is_kept(
    doors: Doors,
) -> None:
    before = await _count(doors)
    lines: list[dict[str, Any]] = [{"number": 10_000 + n} for n in range(1000)]
    for n in range(0, 1000, 100):
        lines[n] = {"number": "many"} if n % 200 else {"number": 13}
    answers = await doors.lines("/notes", lines, by="head")
    assert [a["line"] for a in answers] == list(range(1, 1001))
    bad = [a for a in answers if a["status"] == "refused"]
    assert [a["line"] for a in bad] == list(range(1, 1001, 100))
    assert {(a["code"], a["field"]) for a in bad} == {("unlucky", "number"), ("invalid", "number")}
    assert await _count(doors) == before + 990


async def test_on_error_stop_keeps_nothing_and_still_answers_each_line(doors: Doors) -> None:
    before = await _count(doors)
    body = {"lines": [{"number": 20_001}, {"number": 13}]}
    answer = await doors.send("/notes", body, by="head", on_error="stop")
    assert answer.status_code == 409
    assert answer.json()["code"] == "bulk-stopped"
    assert [line["status"] for line in answer.json()["lines"]] == ["accepted", "refused"]
    assert await _count(doors) == before


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/x-ndjson", b'{"number": 30001}\n\n{"number": 30002}\n'),
        ("text/csv; charset=utf-8", "\ufeffnumber\r\n30003\r\n30004\r\n".encode()),
        ("application/json", b'[{"number": 30005}, {"number": 30006}]'),
    ],
)
async def test_lines_come_as_json_lines_csv_or_an_array(
    doors: Doors, kind: str, content: bytes
) -> None:
    headers = doors.headers("head", None, f"kind {kind}") | {"Content-Type": kind}
    answer = await doors.client.post("/notes", content=content, headers=headers)
    assert answer.json()["accepted"] == 2, answer.text


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "unreadable-body"),
        (b'{"rows": []}', 400, "unreadable-body"),
        (b"[" * 100_000, 400, "unreadable-body"),
        (b"[]", 422, "no-lines"),
        (b"[" + b",".join([b'{"number":1}'] * 1001) + b"]", 413, "too-many-lines"),
    ],
)
async def test_a_body_that_cannot_be_lines_is_refused_with_its_code(
    doors: Doors, content: bytes, status: int, code: str
) -> None:
    headers = doors.headers("head", None, str(hash(content)))
    answer = await doors.client.post("/notes", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_command_sent_again_has_one_effect_and_the_same_answer(doors: Doors) -> None:
    body = {"lines": [{"number": 40_001}]}
    first = await doors.send("/notes", body, by="head", key="forty thousand and one")
    again = await doors.send("/notes", body, by="head", key="forty thousand and one")
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    other = await doors.send(
        "/notes", {"lines": [{"number": 40_002}]}, by="head", key="forty thousand and one"
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_command_without_a_key_is_refused(doors: Doors) -> None:
    answer = await doors.client.post(
        "/notes", json={"lines": [{"number": 1}]}, headers=doors.headers("head", None, None)
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")


async def test_a_commit_that_fails_is_not_answered_as_a_success(doors: Doors) -> None:
    assert (await doors.send("/notes", [{"number": 50_001}], by="head")).status_code == 200
    again = await doors.send("/notes", [{"number": 50_001}], by="head")
    assert (again.status_code, again.json()["code"]) == (500, "fault")


async def test_programme_time_moves_a_local_run_and_is_refused_in_production(
    doors: Doors, empty_database: str, tokens: TokenIssuer, token_keys: Path
) -> None:
    answer = await doors.get("/notes", by="head", at="2017-10-02T22:30:00+00:00")
    assert answer.json()["today"] == "2017-10-03", "a day is a day in Riga"
    bad = await doors.get("/notes", by="head", at="2017T")
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-programme-time")
    past = doors.settings.model_copy(update={"programme_days_behind": 3_000})
    doors.app.state.web, kept = NOTEBOOK.web(past, doors.database).state.web, doors.app.state.web
    answer = await doors.get("/notes", by="head")
    doors.app.state.web = kept
    today = clock.programme_now(3_000).astimezone(TIMEZONE).date()
    assert answer.json()["today"] == today.isoformat(), "a practice lives in the past"
    real = doors.settings.model_copy(update={"environment": Environment.PRODUCTION})
    app = NOTEBOOK.web(real, doors.database)
    doors.app.state.web, kept = app.state.web, doors.app.state.web
    refusal = await doors.get("/notes", by="head", at="2017-10-02")
    doors.app.state.web = kept
    assert (refusal.status_code, refusal.json()["code"]) == (400, "programme-time-refused")


async def test_a_parameter_has_a_history_and_an_approver(doors: Doors) -> None:
    new = {"name": "largest_number", "value": 200, "valid_from": "2018-01-01", "source": "order 5"}
    refusal = await doors.send("/parameters", new, by="head", method="PUT")
    assert refusal.json()["code"] == "role-missing"
    kept = await doors.send("/parameters", new, by="officer", method="PUT")
    assert kept.json()["approved_by"] == "officer"
    for day, value in (("2017-12-31", 100), ("2018-01-01", 200)):
        answer = await doors.get("/parameters", by="head", name="largest_number", on=day)
        assert [p["value"] for p in answer.json()["parameters"]] == [value]
    unknown = await doors.send("/parameters", new | {"name": "nobodys"}, by="officer", method="PUT")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-parameter")


async def test_a_number_loses_white_space_and_the_text_received_is_kept(doors: Doors) -> None:
    new = {
        "name": "register_number",
        "value": "8.3.4. 0",
        "valid_from": "2017-03-01",
        "source": "a page",
    }
    kept = (await doors.send("/parameters", new, by="officer", method="PUT")).json()
    assert (kept["value"], kept["text_received"]) == ("8.3.4.0", "8.3.4. 0")


async def test_an_unknown_path_and_method_are_problems_too(doors: Doors) -> None:
    assert (await doors.get("/nowhere", by="head")).json()["code"] == "not-found"
    answer = await doors.client.delete("/notes")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")


MEET = """
    CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'two requests met' USING ERRCODE = '40P01'; END $$
"""
NOW_THEY_MEET = "CREATE TRIGGER meet BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION meet()"


async def test_who_met_another_request_is_asked_to_try_again_under_the_same_key(
    doors: Doors,
) -> None:
    before = await _count(doors)
    async with doors.database.transaction() as session:
        await session.execute(text(MEET))
        await session.execute(text(NOW_THEY_MEET))
    body = {"lines": [{"number": 4711}]}
    met = await doors.send("/notes", body, by="head", key="met")
    assert (met.status_code, met.json()["code"]) == (503, "not-ready")
    assert int(met.headers["Retry-After"]) > 0
    assert await _count(doors) == before
    async with doors.database.transaction() as session:
        await session.execute(text("DROP TRIGGER meet ON notes"))
    again = await doors.send("/notes", body, by="head", key="met")
    assert again.json()["accepted"] == 1
