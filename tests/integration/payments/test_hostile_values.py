"""What no door of payments breaks on: bytes no text has, numbers and days out of all reason."""

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.builders_payments import Payments
from tests.money_facts import (
    COUNTER,
    LATER,
    OFFICE,
    OFFICER,
    STATE_OFFICER,
    TEACHER,
    a_claim,
    an_invoice,
)

ORDINARY = {"partner": OFFICE, "month": "2021-10", "pupil_ref": "p1:" + "0" * 32, "limit": 10}
HOSTILE = ("a\x00b", "9" * 30, "9999-12-31", "0001-01-01T00:00:00+14:00")


def asked(payments: Payments) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every door with each of its parameters in turn at each hostile value."""
    for path, doors in payments.doors.app.openapi()["paths"].items():
        for method, door in doors.items():
            parameters = door.get("parameters", [])
            names = {p["name"]: ORDINARY.get(p["name"], "2021") for p in parameters}
            needed = {p["name"] for p in parameters if p["required"]}
            for name in names:
                for value in HOSTILE:
                    chosen = {n: v for n, v in names.items() if n in needed} | {name: value}
                    yield method, path, chosen


async def test_no_parameter_of_any_door_breaks_it(payments: Payments) -> None:
    broken = []
    for method, path, chosen in asked(payments):
        address, query = path, {}
        for name, value in chosen.items():
            if f"{{{name}}}" in path:
                address = address.replace(f"{{{name}}}", quote(str(value), safe=""))
            else:
                query[name] = value
        for by in (OFFICER, STATE_OFFICER):
            headers = payments.doors.headers(by, LATER, str(uuid.uuid4()))
            answer = await payments.doors.client.request(
                method, address, params=query, headers=headers
            )
            if answer.status_code >= 500 or (answer.is_error and not answer.json()["code"]):
                broken.append((method, path, chosen, answer.text))
    assert broken == []


async def test_a_text_with_nul_is_refused_by_its_code(payments: Payments) -> None:
    answer = await payments.doors.get("/orders/a%00b", by=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (422, "nul-character")


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"])
async def test_a_day_of_another_century_is_refused_with_its_field(
    payments: Payments, day: str
) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})})
    lines = [
        a_claim(plan_id, "m", 1, month=None, service_date=day),
        a_claim(plan_id, "m", 1, month=None, days=[day, "2021-10-04"]),
        a_claim(plan_id, "m", 1, evidence=an_invoice() | {"date": day}),
    ]
    answers = await payments.claim(lines)
    assert [(a["status"], a["code"]) for a in answers] == [("refused", "invalid")] * 3
    assert [a["field"] for a in answers] == ["service_date", "days.0", "evidence.date"]
    file = await payments.issue_file(day=day)
    assert (file.status_code, file.json()["field"]) == (422, "execution_date")
    own_time = await payments.doors.get("/signing-keys", by=TEACHER, at=f"{day}T12:00:00+14:00")
    assert own_time.json()["code"] == "bad-programme-time"


async def test_a_filter_by_a_state_that_does_not_exist_is_refused(payments: Payments) -> None:
    for path, more in (
        ("/orders", {"partner": OFFICE}),
        (f"/offices/{OFFICE}/orders", {}),
        ("/partner-reports", {"partner": OFFICE}),
    ):
        answer = await payments.doors.get(path, by=OFFICER, state="paid", **more)
        assert (answer.status_code, answer.json()["field"]) == (422, "state")


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2021-11-14", "booked-before-approval"),
        ("2021-11-18", "booked-in-future"),
        ("2098-01-01", "booked-in-future"),
    ],
)
async def test_a_payment_is_not_booked_before_its_approval_nor_in_the_future(
    payments: Payments, day: str, code: str
) -> None:
    order_id, _, _ = await payments.an_issued_order()
    line: dict[str, Any] = {"order_id": order_id, "outcome": "settled", "cents": 4_000}
    line |= {"report_id": f"early-{next(COUNTER)}", "booked_on": day}
    path = f"/offices/{OFFICE}/reports"
    (answer,) = await payments.doors.lines(path, [line], by=OFFICER, at="2021-11-17")
    assert (answer["status"], answer["code"]) == ("refused", code)
    assert answer["details"]["message_lv"], "told in Latvian too"
    assert (await payments.order(order_id))["state"] == "in_file"


async def test_a_report_with_an_impossible_sum_or_name_is_refused_by_itself(
    payments: Payments,
) -> None:
    order_id, _, _ = await payments.an_issued_order()
    line = {"order_id": order_id, "outcome": "settled", "cents": 4_000, "booked_on": "2021-11-17"}
    lines = [
        line | {"report_id": "huge", "cents": 10**30},
        line | {"report_id": "a\x00b"},
        line | {"report_id": " "},
        line | {"report_id": f"good-{next(COUNTER)}"},
    ]
    path = f"/offices/{OFFICE}/reports"
    answers = await payments.doors.lines(path, lines, by=OFFICER, at="2021-11-17")
    assert [a["field"] for a in answers] == ["cents", "report_id", "report_id", None]
    assert answers[3]["status"] == "accepted"


@pytest.mark.parametrize("name", ["2021-10-05", "2021-13", "２０２１-1", "2021-Q5", "+021-1"])
async def test_a_period_has_one_name_only(payments: Payments, name: str) -> None:
    path = f"/offices/{OFFICE}/partner-reports"
    answer = await payments.doors.send(path, {"period": name}, by=OFFICER, at="2022-03-01")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-period")
