"""An office without Kafka gets the same by HTTP; no office sees or changes what is another's."""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.auth import Role
from shared.web import CommandNeeds
from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.integration.test_every_route import CHANGING, needs_of, routes_of
from tests.money_facts import (
    COUNTER,
    LATER,
    OFFICE,
    OFFICER,
    OTHER_OFFICE,
    OTHER_SCHOOL,
    STRANGER,
    a_claim,
)

FILES, ORDERS = f"/offices/{OFFICE}/bank-files", f"/offices/{OFFICE}/orders"
OTHER_TEACHER, OTHER_SECOND = "another.teacher", "another.second.officer"


async def every(payments: Payments, path: str, kind: str, **asked: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await payments.doors.get(path, by=OFFICER, **asked)
        assert answer.status_code == 200, answer.text
        found += answer.json()[kind]
        asked["after"] = answer.json()["next"]
        if asked["after"] is None:
            return found


async def a_file(payments: Payments, *cents: int) -> tuple[str, list[str]]:
    """A file of orders with these sums; gives its id and theirs."""
    orders = []
    for each in cents:
        plan_id = await payments.a_plan({"m": ("meals", {"2021-10": each})})
        orders.append(await payments.an_order(plan_id, "m", each))
    await payments.approve_orders(*orders)
    (file,) = (await payments.issue_file()).json()["files"]
    return file["file_id"], orders


async def test_by_http_stands_what_stands_on_the_topic_and_nothing_else(
    payments: Payments,
) -> None:
    await a_file(payments, 1_000, 2_000, 3_000)
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})})
    draft = await payments.an_order(plan_id, "m", 2_000)
    cancelled = await payments.an_order(plan_id, "m", 1_000)
    line = {"order_id": cancelled, "reason_code": "entered-by-mistake"}
    await payments.doors.lines("/orders/cancellations", [line], by=OFFICER, at=LATER)
    told = await said(payments, OFFICE)
    orders = await every(payments, ORDERS, "orders", limit=2)
    files = await every(payments, FILES, "files", limit=1)
    stand = {order["order_id"]: order.pop("state") for order in orders}
    assert orders == [fact for kind, fact in told if kind == "order-issued"]
    assert files == [fact for kind, fact in told if kind == "bank-file-issued"]
    assert not {draft, cancelled} & set(stand) and set(stand.values()) == {"in_file"}


async def test_an_office_asks_for_a_file_a_state_or_what_is_new(payments: Payments) -> None:
    file_id, orders = await a_file(payments, 1_100, 1_200)
    await payments.report(orders[0], "settled", cents=1_100)
    of_file = await every(payments, ORDERS, "orders", file_id=file_id)
    states = {order["order_id"]: order["state"] for order in of_file}
    assert states == {orders[0]: "settled", orders[1]: "in_file"}
    settled = await every(payments, ORDERS, "orders", file_id=file_id, state="settled")
    assert [order["order_id"] for order in settled] == [orders[0]]
    issued_at = (await every(payments, FILES, "files"))[-1]["issued_at"]
    new = await every(payments, FILES, "files", since=issued_at)
    assert file_id in {file["file_id"] for file in new}
    last = (await payments.doors.get(FILES, by=OFFICER)).json()["last"]
    newest, _ = await a_file(payments, 1_250)
    page = (await payments.doors.get(FILES, by=OFFICER, after=last)).json()
    assert [file["file_id"] for file in page["files"]] == [newest]
    assert not await every(payments, FILES, "files", since="2022-01-01T00:00:00Z")
    assert not await every(payments, ORDERS, "orders", since="2022-01-01T00:00:00Z")
    wrong = await payments.doors.get(FILES, by=OFFICER, since="yesterday")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")


async def test_who_has_the_file_already_is_told_so_and_reads_no_name(payments: Payments) -> None:
    file_id, (order_id,) = await a_file(payments, 1_300)
    path, reads = f"/bank-files/{file_id}", "SELECT count(*) FROM read_log WHERE subject_ref = :ref"
    tag = f'"{(await every(payments, FILES, "files"))[-1]["sha256"]}"'
    headers = payments.doors.headers(OFFICER, LATER, None) | {"If-None-Match": tag}
    known = await payments.doors.client.get(path, headers=headers)
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert (await payments.order(order_id))["state"] == "in_file"
    foreign = payments.doors.headers(STRANGER, LATER, None) | {"If-None-Match": tag}
    assert (await payments.doors.client.get(path, headers=foreign)).status_code == 403
    got = await payments.doors.client.get(path, headers=headers | {"If-None-Match": '"other"'})
    assert (got.status_code, got.headers["etag"]) == (200, tag)
    assert (await payments.order(order_id))["state"] == "sent"
    async with payments.doors.database.transaction() as session:
        assert await session.scalar(text(reads), {"ref": f"bank-file:{file_id}"}) == 1


@pytest.mark.feature("D13")
@pytest.mark.feature("M31")
async def test_the_same_question_by_two_offices_never_shows_the_others_rows(
    payments: Payments,
) -> None:
    file_id, orders = await a_file(payments, 1_400)
    paths = ("/orders", ORDERS, FILES, f"/bank-files/{file_id}", f"/orders/{orders[0]}")

    async def ask(person: str, path: str) -> tuple[int, str]:
        answer = await payments.doors.get(path, by=person, at=LATER, partner=OFFICE)
        return answer.status_code, answer.headers.get("cache-control", "")

    asked = [(person, path) for path in paths for person in (OFFICER, STRANGER)] * 5
    answers = await asyncio.gather(*(ask(person, path) for person, path in asked))
    for (person, path), (status, cached) in zip(asked, answers, strict=True):
        assert status == (200 if person == OFFICER else 403), (person, path)
        assert cached == "no-store"


@pytest.mark.feature("M31")
async def test_no_door_lets_another_office_see_or_change_an_approved_order(
    payments: Payments,
) -> None:
    """Every route of the service, with everything of ours in its holes, asked by the others."""
    file_id, _ = await a_file(payments, 1_500)
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 1_600})})
    (claimed,) = await payments.claim([a_claim(plan_id, "m", 1_600)])
    approved = claimed["details"]["order_id"]
    await payments.approve_orders(approved)
    report = await payments.report("no-such-order", "settled", report_id=f"odd-{next(COUNTER)}")
    line = {"partner": OFFICE, "payee_id": "mother", "name": "Cits", "account": ACCOUNT}
    (change,) = await payments.doors.lines(
        "/payees/changes", [line | {"reason": "moved"}], by=OFFICER, at=LATER
    )
    pupil_ref = (await payments.order(approved))["pupil_ref"]
    await payments.doors.grant(OTHER_TEACHER, "preparer", OTHER_SCHOOL)
    await payments.doors.grant(OTHER_SECOND, "payment_officer", OTHER_OFFICE)
    holes = {
        "partner": OFFICE, "order_id": approved, "file_id": file_id, "payee_id": "mother",
        "claim_id": claimed["id"], "pupil_ref": pupil_ref, "month": "2021-10",
        "change_id": change["id"], "report_id:path": report["id"], "report_id": report["id"],
        "period": "2021-10", "key_id": "a-key", "name": "x", "package_id": "none",
    }  # fmt: skip
    before = await everything(payments)
    tried = 0
    for route, methods in routes_of(payments.doors.app.routes):
        path = re.sub(r"\{([^}]+)\}", lambda hole: holes.get(hole[1], "x1"), route.path)
        for method in sorted(methods - {"HEAD"}):
            for person in (STRANGER, OTHER_SECOND):
                tried += await refused_or_empty(payments, method, path, person, holes)
    assert tried > 60
    assert await everything(payments) == before


ACCOUNT = "LV80BANK0000435195001"
OPEN_TO_ALL = ("/signing-keys", "/parameters", "/code-lists", "/bank-files/checks")
"""What shows nothing of any office's money; a check is of a file that the caller brings."""


async def refused_or_empty(
    payments: Payments, method: str, path: str, person: str, holes: dict[str, str]
) -> int:
    """Ask one door as somebody of another office; what comes back names nothing of ours."""
    body: Any = None
    if path.startswith(OPEN_TO_ALL):
        return 0
    if method in CHANGING:
        line = {
            "order_id": holes["order_id"], "partner": OFFICE, "payee_id": "mother",
            "change_id": holes["change_id"], "decision": "confirm", "cents": 1,
            "reason_code": "entered-by-mistake", "report_id": "theirs", "outcome": "settled",
            "booked_on": "2021-11-16", "execution_date": "2021-11-17",
        }  # fmt: skip
        variants = [{"lines": [line]}, line]
        variants += [{"lines": [_only(line, names)]} for names in LINES]
        variants += [_only(line, ("partner", "execution_date"))]
        for body in variants:
            answer = await payments.doors.send(path, body, by=person, at=LATER, method=method)
            if answer.status_code == 200 and "lines" in answer.json():
                statuses = {each["status"] for each in answer.json()["lines"]}
                assert statuses == {"refused"}, (path, body, answer.text)
            else:
                assert answer.status_code in (400, 403, 404, 409, 422), (path, body, answer.text)
        return len(variants)
    answer = await payments.doors.get(path, by=person, at=LATER, partner=OFFICE)
    if answer.status_code == 200:
        ours = {holes["order_id"], holes["file_id"], holes["claim_id"], holes["change_id"], OFFICE}
        assert not [one for one in ours if one in answer.text], (path, answer.text)
    return 1


LINES = (
    ("order_id",),
    ("order_id", "reason_code"),
    ("change_id", "decision"),
    ("report_id", "order_id", "outcome", "cents", "booked_on"),
    ("order_id", "cents", "booked_on", "reason_code"),
)
"""Lines as the bulk doors take them, so that not only their form is refused."""


def _only(line: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: line[name] for name in names}


async def everything(payments: Payments) -> dict[str, str]:
    """What the tables of money hold, as digests."""
    tables = ["orders", "claims", "payees", "payee_changes", "bank_files", "office_keys"]
    tables += ["entitlements", "pupil_months", "recoveries", "reports", "allocations"]
    found = {}
    async with payments.doors.database.transaction() as session:
        for table in tables:
            question = f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
            found[table] = await session.scalar(text(question))
    return found


@pytest.mark.feature("M11")
async def test_no_command_of_an_office_is_taken_without_its_key(payments: Payments) -> None:
    asked = 0
    for route, methods in routes_of(payments.doors.app.routes):
        needs = needs_of(route)
        if not isinstance(needs, CommandNeeds) or Role.PAYMENT_OFFICER not in needs.roles:
            continue
        path = re.sub(r"\{[^}]+\}", OFFICE, route.path)
        headers = payments.doors.headers(OFFICER, LATER, None)
        for method in methods:
            answer = await payments.doors.client.request(method, path, json={}, headers=headers)
            named = "govstack-unreadable" if "/govstack/" in path else "idempotency-key-missing"
            assert (answer.status_code, answer.json()["code"]) in ((400, named), (422, "invalid"))
            asked += answer.status_code == 400
    assert asked > 10


@pytest.mark.feature("M31")
@pytest.mark.feature("M24")
async def test_nobody_changes_an_approved_sum_not_even_past_the_doors(payments: Payments) -> None:
    _, (order_id,) = await a_file(payments, 1_700)
    more = {"order_id": order_id, "cents": 1_701}
    (answer,) = await payments.doors.lines("/orders/approvals", [more], by=OFFICER, at=LATER)
    assert (answer["code"], answer["field"]) == ("invalid", "cents")
    too_much = await payments.report(order_id, "settled", cents=1_701)
    assert too_much["status"] == "refused"
    for value in ("cents = 1701, state_cents = state_cents + 1", "payee_id = 'x'", "partner = 'x'"):
        with pytest.raises(DBAPIError, match="never changes its sum"):
            async with payments.doors.database.transaction() as session:
                await session.execute(
                    text(f"UPDATE orders SET {value} WHERE order_id = :id"), {"id": order_id}
                )
    order = await payments.order(order_id)
    assert (order["cents"], order["state"]) == (1_700, "in_file")
