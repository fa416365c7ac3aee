"""A partner's report writes itself; the state decides line by line; the claim package proves it."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.money import split_esf
from tests.builders_partner_reports import (
    BY_STATE,
    DECEMBER,
    LATER,
    PATH,
    a_paid_order,
    decide,
    lines_of,
    nothing_reported,
    received,
    submitted,
    verified,
)
from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.money_facts import COUNTER, OFFICE, OFFICER, STRANGER


@pytest.fixture(autouse=True)
async def _nothing_reported_yet(payments: Payments) -> None:
    await nothing_reported(payments)


def balance(report: dict[str, Any]) -> tuple[int, int, int, int]:
    """Opening, received, spent, closing."""
    names = ("opening_cents", "received_cents", "spent_cents", "closing_cents")
    opening, money, spent, closing = (report[name] for name in names)
    return opening, money, spent, closing


@pytest.mark.feature("N7")
async def test_a_report_writes_itself_from_receipts_payments_and_what_came_back(
    payments: Payments,
) -> None:
    await received(payments, "advance", 100_000, "2021-11-02")
    await a_paid_order(payments, 4_001)
    await a_paid_order(payments, 2_000)
    hostel = await a_paid_order(payments, 9_999, kind="accommodation")
    draft = (await payments.doors.get(f"{PATH}/2021-11/draft", by=OFFICER)).json()
    report = await submitted(payments, "2021-11")
    assert draft | {"report_id": report["report_id"]} == report
    assert balance(report) == (0, 100_000, 16_000, 84_000)
    assert report["evidence_count"] == report["lines"] == 3
    assert report["spent"] == [
        {"support_type": "accommodation", "lines": 1, "cents": 9_999,
         "esf_cents": 8_499, "state_cents": 1_500},
        {"support_type": "meals", "lines": 2, "cents": 6_001,
         "esf_cents": 5_101, "state_cents": 900},
    ]  # fmt: skip
    back = {"recovery_id": f"r-{next(COUNTER)}", "order_id": hostel, "cents": 3_333,
            "booked_on": "2021-12-03", "reason_code": "never-stayed"}  # fmt: skip
    await payments.doors.lines(f"/offices/{OFFICE}/recoveries", [back], by=OFFICER)
    await received(payments, "repayment", 50_000, "2021-12-10")
    december = await submitted(payments, "2021-12", at=LATER)
    assert balance(december) == (84_000, -50_000, -3_333, 37_333)
    (line,) = await lines_of(payments, december["report_id"])
    assert (line["kind"], line["cents"], line["esf_cents"]) == ("recovered", -3_333, -2_833)
    kind, fact = (await said(payments, OFFICE))[-1]
    assert (kind, fact["closing_cents"]) == ("partner-report-submitted", 37_333)
    assert fact["spent"][0]["cents"] == -3_333


async def test_a_line_stands_in_one_report_and_what_was_late_in_the_next(
    payments: Payments,
) -> None:
    first = await a_paid_order(payments, 1_000)
    november = await submitted(payments, "2021-11")
    late = await a_paid_order(payments, 2_000)
    december = await submitted(payments, "2021-12", at=LATER)
    assert [line["order_id"] for line in await lines_of(payments, november["report_id"])] == [first]
    assert [line["order_id"] for line in await lines_of(payments, december["report_id"])] == [late]


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ("2021-12", "period-not-over"),
        ("2021-10", "period-reported"),
        ("2021-11", "period-reported"),
        ("2021-Q3", "period-kind-differs"),
        ("2021-13", "bad-period"),
        ("2021-Q5", "bad-period"),
        ("November", "bad-period"),
    ],
)
async def test_a_report_that_cannot_be_is_refused(
    payments: Payments, period: str, code: str
) -> None:
    await submitted(payments, "2021-11")
    answer = await payments.doors.send(PATH, {"period": period}, by=OFFICER, at=DECEMBER)
    assert answer.json()["code"] == code
    listed = await payments.doors.get("/partner-reports", by=OFFICER, partner=OFFICE)
    assert len(listed.json()["reports"]) == 1


async def test_a_partner_may_report_by_quarters(payments: Payments) -> None:
    await payments.set_parameter("partner_report_period", "quarter", place=OFFICE)
    try:
        await a_paid_order(payments, 1_000)
        report = await submitted(payments, "2021-Q4", at=LATER)
        assert (report["first_day"], report["last_day"]) == ("2021-10-01", "2021-12-31")
    finally:
        await payments.set_parameter("partner_report_period", "month", place=OFFICE)


async def test_money_received_is_entered_once_and_never_before_it_came(payments: Payments) -> None:
    line = {"funding_id": "f-1", "kind": "advance", "cents": 500, "booked_on": "2021-11-02"}
    path = f"/offices/{OFFICE}/fundings"
    future = line | {"funding_id": "f-2", "booked_on": "2021-12-16"}
    first = await payments.doors.lines(path, [line, line, future], **BY_STATE)
    again = await payments.doors.lines(path, [line], **BY_STATE)
    codes = [answer["code"] for answer in (*first, *again)]
    assert codes == [None, "funding-repeated", "booked-in-future", "funding-repeated"]
    unknown = await payments.doors.send(
        "/offices/90000099999/fundings", {"lines": [line]}, **BY_STATE
    )
    assert (unknown.status_code, unknown.json()["code"]) == (404, "partner-unknown")


async def test_a_verdict_that_does_not_fit_its_line_is_refused(payments: Payments) -> None:
    await a_paid_order(payments, 1_000)
    report_id = (await submitted(payments, "2021-11"))["report_id"]
    wrong = await decide(
        payments,
        report_id,
        {"line_no": 1, "decision": "reduced", "accepted_cents": 1_000,
         "reason_code": "rate-exceeded"},
        {"line_no": 1, "decision": "rejected"},
        {"line_no": 99, "decision": "accepted"},
    )  # fmt: skip
    assert [answer["code"] for answer in wrong] == [
        "verdict-unfit", "verdict-reason-needed", "report-line-unknown",
    ]  # fmt: skip
    early = await payments.doors.send(f"/partner-reports/{report_id}/verification", {}, **BY_STATE)
    assert early.json()["code"] == "lines-undecided"


@pytest.mark.feature("N7")
async def test_the_state_accepts_reduces_and_rejects_line_by_line(payments: Payments) -> None:
    orders = {cents: await a_paid_order(payments, cents) for cents in (1_000, 2_001, 3_000)}
    reduced: dict[str, Any] = {
        "decision": "reduced",
        "accepted_cents": 1_501,
        "reason_code": "rate-exceeded",
    }
    rejected = {"decision": "rejected", "reason_code": "evidence-missing"}
    report_id = await verified(
        payments, "2021-11", DECEMBER, **{orders[2_001]: reduced, orders[3_000]: rejected}
    )
    counts = {line["cents"]: line["accepted_cents"] for line in await lines_of(payments, report_id)}
    assert counts == {1_000: 1_000, 2_001: 1_501, 3_000: 0}
    kind, fact = (await said(payments, OFFICE))[-1]
    assert (kind, fact["accepted_cents"], fact["lines_reduced"]) == (
        "partner-report-verified", 2_501, 1,
    )  # fmt: skip
    outcomes = {1_000: "accepted", 2_001: "reduced", 3_000: "rejected"}
    for cents, order_id in orders.items():
        order = await payments.order(order_id)
        kind, fact = (await said(payments, order["pupil_ref"]))[-1]
        assert (kind, fact["outcome"]) == ("payment-verified", outcomes[cents])
        assert fact["accepted_esf_cents"] == split_esf(fact["accepted_cents"])[0]
        assert fact["version"] == order["version"]


async def test_a_verified_report_is_decided_on_no_more(payments: Payments) -> None:
    await a_paid_order(payments, 1_000)
    report_id = await verified(payments, "2021-11", DECEMBER)
    body = {"lines": [{"line_no": 1, "decision": "accepted"}]}
    late = await payments.doors.send(f"/partner-reports/{report_id}/verdicts", body, **BY_STATE)
    assert late.json()["code"] == "partner-report-verified"


async def test_a_submitted_line_cannot_be_rewritten_even_in_the_database(
    payments: Payments,
) -> None:
    await a_paid_order(payments, 1_000)
    await submitted(payments, "2021-11")
    with pytest.raises(DBAPIError, match="never changes"):
        async with payments.doors.database.transaction() as session:
            await session.execute(text("UPDATE partner_report_lines SET cents = cents + 1"))


async def test_who_submitted_a_report_does_not_verify_it(payments: Payments) -> None:
    await payments.doors.grant(OFFICER, "state_officer", "state", valid_to=None)
    try:
        report_id = (await submitted(payments, "2021-11"))["report_id"]
        answer = await payments.doors.send(
            f"/partner-reports/{report_id}/verification", {}, by=OFFICER, at=DECEMBER
        )
        assert answer.json()["code"] == "four-eyes"
    finally:
        async with payments.doors.database.transaction() as session:
            await session.execute(
                text("DELETE FROM register_grants WHERE subject = :who AND role = 'state_officer'"),
                {"who": OFFICER},
            )


async def test_an_office_sees_its_own_reports_alone(payments: Payments) -> None:
    report_id = (await submitted(payments, "2021-11"))["report_id"]
    for path in (
        f"/partner-reports/{report_id}", f"/partner-reports/{report_id}/lines",
        f"{PATH}/2021-12/draft",
    ):  # fmt: skip
        answer = await payments.doors.get(path, by=STRANGER)
        assert answer.json()["code"] == "outside-your-organisation", path
    everybodys = await payments.doors.get("/partner-reports", by=STRANGER)
    assert everybodys.json()["code"] == "outside-your-organisation"
