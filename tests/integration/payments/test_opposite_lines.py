"""What came back of a paid order takes its part from the claim, and never more than was in it."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.builders_bank import Paid, a_statement, taken
from tests.builders_partner_reports import (
    BY_STATE,
    DECEMBER,
    FEBRUARY,
    LATER,
    a_paid_order,
    came_back,
    decide,
    lines_of,
    nothing_reported,
    submitted,
    verified,
)
from tests.builders_payments import Payments


@pytest.fixture(autouse=True)
async def _nothing_reported_yet(payments: Payments) -> None:
    await nothing_reported(payments)


async def test_what_came_back_takes_no_more_from_the_claim_than_was_in_it(
    payments: Payments,
) -> None:
    order_id = await a_paid_order(payments, 10_000)
    reduced = {"decision": "reduced", "accepted_cents": 6_000, "reason_code": "rate-exceeded"}
    await verified(payments, "2021-11", DECEMBER, **{order_id: reduced})
    for number, cents in enumerate((5_000, 5_000)):
        await came_back(payments, order_id, cents, f"2021-12-0{number + 1}")
    report_id = (await submitted(payments, "2021-12", at=LATER))["report_id"]
    first, second = await lines_of(payments, report_id)
    assert (first["cents"], second["cents"]) == (-5_000, -5_000)
    verdicts = [{"line_no": one["line_no"], "decision": "accepted"} for one in (first, second)]
    answers = await decide(payments, report_id, *verdicts)
    assert [a["details"]["accepted_cents"] for a in answers] == [-5_000, -1_000]
    (refused,) = await decide(
        payments, report_id,
        {"line_no": first["line_no"], "decision": "rejected", "reason_code": "other"},
    )  # fmt: skip
    assert refused["code"] == "verdict-unfit"


async def test_a_payment_the_bank_took_back_after_its_report_stands_in_the_next_as_opposite_line(
    payments: Payments,
) -> None:
    order_id = await a_paid_order(payments, 4_000)
    november = await submitted(payments, "2021-11")
    back = Paid(order_id, direction="CRDT", returned="AC04", booked="2021-12-01")
    assert (await taken(payments, a_statement(back)))["results"] == {"applied": 1}
    december = await submitted(payments, "2021-12", at=LATER)
    (line,) = await lines_of(payments, december["report_id"])
    assert (line["order_id"], line["kind"], line["cents"]) == (order_id, "returned", -4_000)
    assert december["closing_cents"] == november["opening_cents"] == 0


async def test_a_line_that_takes_back_waits_for_the_decision_on_what_was_paid(
    payments: Payments,
) -> None:
    order_id = await a_paid_order(payments, 10_000)
    await submitted(payments, "2021-11")
    await came_back(payments, order_id, 100, "2021-12-01")
    december = (await submitted(payments, "2021-12", at=LATER))["report_id"]
    (answer,) = await decide(payments, december, {"line_no": 1, "decision": "accepted"})
    assert answer["code"] == "original-not-verified"


@pytest.mark.feature("N7")
async def test_what_came_back_is_decided_only_on_a_decision_that_can_change_no_more(
    payments: Payments,
) -> None:
    order_id = await a_paid_order(payments, 10_000)
    november = (await submitted(payments, "2021-11"))["report_id"]
    await came_back(payments, order_id, 6_000, "2021-12-01")
    december = (await submitted(payments, "2021-12", at=LATER))["report_id"]
    accept = {"line_no": 1, "decision": "accepted"}
    await decide(payments, november, accept)
    (early,) = await decide(payments, december, accept)
    assert (early["code"], early["field"]) == ("original-not-verified", "line_no")
    lower = accept | {"decision": "reduced", "accepted_cents": 5_000, "reason_code": "other"}
    await decide(payments, november, lower)
    path = f"/partner-reports/{november}/verification"
    assert (await payments.doors.send(path, {}, **BY_STATE)).status_code == 200
    (answer,) = await decide(payments, december, accept)
    assert answer["details"] == {"accepted_cents": -5_000}


@pytest.mark.feature("N7")
async def test_a_paid_line_decided_anew_takes_its_opposite_lines_of_the_report_along(
    payments: Payments,
) -> None:
    order_id = await a_paid_order(payments, 10_000)
    for cents, day in ((3_000, "2021-11-17"), (4_001, "2021-11-30")):
        await came_back(payments, order_id, cents, day)
    report_id = (await submitted(payments, "2021-11"))["report_id"]
    lines = await lines_of(payments, report_id)
    # Money that came back on the day of the payment stands before it.
    assert [line["cents"] for line in lines] == [-3_000, 10_000, -4_001]
    accepts = [{"line_no": line["line_no"], "decision": "accepted"} for line in lines]
    answers = await decide(payments, report_id, *accepts)
    assert [a["details"]["accepted_cents"] for a in answers] == [-3_000, 10_000, -4_001]
    for asked, counts in ((5_000, [-3_000, 5_000, -2_000]), (1_001, [-1_001, 1_001, 0])):
        lower = accepts[1] | {"decision": "reduced", "accepted_cents": asked,
                              "reason_code": "rate-exceeded"}  # fmt: skip
        (answer,) = await decide(payments, report_id, lower)
        assert answer["details"] == {"accepted_cents": asked}
        after = await lines_of(payments, report_id)
        assert [line["accepted_cents"] for line in after] == counts
    done = await payments.doors.send(f"/partner-reports/{report_id}/verification", {}, **BY_STATE)
    assert done.json()["accepted_cents"] == 0


async def test_two_reports_decided_at_once_take_no_more_than_was_in_the_claim(
    payments: Payments,
) -> None:
    order_id = await a_paid_order(payments, 10_000)
    reduced = {"decision": "reduced", "accepted_cents": 6_000, "reason_code": "rate-exceeded"}
    await verified(payments, "2021-11", DECEMBER, **{order_id: reduced})
    reports = []
    for period, day, at in (("2021-12", "2021-12-01", LATER), ("2022-01", "2022-01-09", FEBRUARY)):
        await came_back(payments, order_id, 5_000, day, at=LATER)
        reports.append((await submitted(payments, period, at=at))["report_id"])
    accept = {"line_no": 1, "decision": "accepted"}
    both = await asyncio.gather(*(decide(payments, one, accept) for one in reports))
    taken = sorted(answers[0]["details"]["accepted_cents"] for answers in both)
    assert taken == [-5_000, -1_000]


async def test_more_back_than_counts_is_refused_even_by_the_database(payments: Payments) -> None:
    order_id = await a_paid_order(payments, 1_000)
    await came_back(payments, order_id, 1_000, "2021-11-20")
    report_id = (await submitted(payments, "2021-11"))["report_id"]
    accepts = [{"line_no": number, "decision": "accepted"} for number in (1, 2)]
    await decide(payments, report_id, *accepts)
    with pytest.raises(DBAPIError, match="more comes back than was paid or counts"):
        async with payments.doors.database.transaction() as session:
            await session.execute(
                text("UPDATE partner_report_lines SET accepted_cents = 0, accepted_esf_cents = 0,"
                     " accepted_state_cents = 0 WHERE cents > 0")
            )  # fmt: skip
    assert [line["accepted_cents"] for line in await lines_of(payments, report_id)] == [
        1_000, -1_000,
    ]  # fmt: skip
