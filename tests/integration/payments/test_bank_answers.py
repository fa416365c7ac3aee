"""What banks answer finds its orders: status reports, statements and notices of any version."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.builders_bank import (
    OWN_ACCOUNT,
    Paid,
    a_statement,
    a_status,
    balance,
    bring,
    entry,
    issued,
    message,
    statement,
    states,
    tag,
    taken,
)
from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.money_facts import OFFICE, OFFICER, OTHER_OFFICE, STRANGER, account


@pytest.mark.feature("M21")
@pytest.mark.feature("N3")
@pytest.mark.parametrize(
    ("kind", "version", "prefix"),
    [
        ("camt.053", 2, ""),
        ("camt.053", 8, ""),
        ("camt.053", 6, "ns2"),
        ("camt.054", 2, ""),
        ("camt.054", 8, "x"),
    ],
)
async def test_a_statement_settles_its_orders_whatever_its_version(
    payments: Payments, kind: str, version: int, prefix: str
) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order()
    lines = [entry(Paid(order_id), version=version)]
    inside = statement(lines, version=version, kind=kind)
    found = await taken(payments, message(inside, version=version, kind=kind, prefix=prefix))
    assert (found["kind"], found["version"]) == (kind, f"001.{version:02d}")
    assert found["results"] == {"applied": 1}
    order = await payments.order(order_id)
    assert (order["state"], order["booked_on"]) == ("settled", "2021-11-17")
    kinds = [kind for kind, _ in await said(payments, pupil_ref)]
    assert kinds[-1] == "payment-settled"


@pytest.mark.feature("M23")
@pytest.mark.feature("M13")
async def test_money_returned_after_it_was_booked_frees_the_month(payments: Payments) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order()
    await taken(payments, a_statement(Paid(order_id)))
    back = Paid(order_id, direction="CRDT", returned="AC04", booked="2021-11-19")
    found = await taken(payments, a_statement(back))
    assert found["results"] == {"applied": 1}
    order = await payments.order(order_id)
    assert (order["state"], order["reason_code"]) == ("returned", "AC04")
    assert (await payments.month(pupil_ref))["ordered_cents"] == 0
    facts = [(kind, fact["version"]) for kind, fact in (await said(payments, pupil_ref))[-2:]]
    assert facts == [("payment-settled", order["version"] - 1),
                     ("payment-returned", order["version"])]  # fmt: skip


@pytest.mark.feature("D12")
async def test_a_return_told_before_its_payment_stays_a_return(payments: Payments) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order()
    back = Paid(order_id, direction="CRDT", reversal=True, booked="2021-11-19")
    await taken(payments, a_statement(back))
    late = await taken(payments, a_statement(Paid(order_id)))
    assert late["results"] == {"repeated": 1}
    again = await taken(payments, a_statement(Paid(order_id, booked="2021-11-22")))
    assert again["work_list_codes"] == {"contradicts-earlier-report": 1}, "paid once more?"
    assert await states(payments, order_id) == ["returned"]
    kinds = [kind for kind, _ in await said(payments, pupil_ref)]
    assert kinds.count("payment-returned") == 1 and "payment-settled" not in kinds


async def test_settled_and_returned_in_one_statement_end_returned(payments: Payments) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order()
    back = Paid(order_id, direction="CRDT", returned="AC01", booked="2021-11-18")
    found = await taken(payments, a_statement(Paid(order_id), back))
    assert found["results"] == {"applied": 2}
    kinds = [kind for kind, _ in await said(payments, pupil_ref)]
    assert kinds[-2:] == ["payment-settled", "payment-returned"]
    assert (await payments.month(pupil_ref))["free_cents"] == 30_000


async def test_the_same_file_twice_changes_nothing(payments: Payments) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order()
    file = a_statement(Paid(order_id), Paid(None, amount="7.00"))
    first, second = await taken(payments, file), await taken(payments, file)
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert first["results"] == second["results"] == {"applied": 1, "work_list": 1}
    kinds = [kind for kind, _ in await said(payments, pupil_ref)]
    assert kinds.count("payment-settled") == 1
    one = await bring(payments, file, key="one-key")
    two = await bring(payments, file, key="one-key")
    assert two.json() == one.json() and two.headers["idempotent-replayed"] == "true"
    other = await bring(payments, a_statement(Paid(order_id)), key="one-key")
    assert other.json()["code"] == "idempotency-key-reused"


async def test_one_file_sent_twice_at_once_is_taken_once(payments: Payments) -> None:
    order_id, _, pupil_ref = await payments.an_issued_order()
    file = a_statement(Paid(order_id))
    answers = await asyncio.gather(*(taken(payments, file) for _ in range(4)))
    assert sorted(a["repeated"] for a in answers) == [False, True, True, True]
    kinds = [kind for kind, _ in await said(payments, pupil_ref)]
    assert kinds.count("payment-settled") == 1


async def test_statements_that_overlap_book_nothing_twice(payments: Payments) -> None:
    first, _, _ = await payments.an_issued_order()
    second, _, _ = await payments.an_issued_order()
    one, stray = Paid(first), Paid(None, amount="9.99")
    await taken(payments, a_statement(one, stray))
    more = await taken(payments, a_statement(one, stray, Paid(second)))
    assert more["results"] == {"repeated": 2, "applied": 1}
    notice = await taken(payments, a_statement(one, kind="camt.054", version=8))
    assert notice["results"] == {"repeated": 1}


async def test_several_statements_in_one_file_and_their_totals(payments: Payments) -> None:
    first, _, _ = await payments.an_issued_order()
    second, _, _ = await payments.an_issued_order()
    good = balance("OPBD", "100.0") + balance("CLBD", "60.000")
    short = balance("PRCD", "60") + balance("CLBD", "25.00")
    file = message(
        statement([entry(Paid(first))], balances=good, statement_id="S1"),
        statement([entry(Paid(second))], balances=short, statement_id="S2"),
        statement([], statement_id="S3"),
    )
    found = (await taken(payments, file))["statements"]
    assert [(s["statement_id"], s["agrees"], s["difference_cents"]) for s in found] == [
        ("S1", True, 0),
        ("S2", False, 500),
        ("S3", None, None),
    ]
    assert (found[0]["opening_cents"], found[0]["entries_cents"]) == (10_000, -4_000)
    assert await states(payments, first, second) == ["settled", "settled"]


async def test_a_batch_entry_is_booked_payment_by_payment(payments: Payments) -> None:
    (first, second), _ = await issued(payments, 2)
    one, two = Paid(first, bank_ref="B"), Paid(second, bank_ref="B")
    wrong = message(statement([entry(one, two, amount="79.99")]))
    assert (await taken(payments, wrong))["work_list_codes"] == {"batch-sum-differs": 2}
    assert await states(payments, first, second) == ["in_file"] * 2
    right = message(statement([entry(one, two, amount="80.00")]))
    # The bank's reference is the same, so these are the lines a person looks at already.
    assert (await taken(payments, right))["results"] == {"repeated": 2}
    fresh = message(statement([entry(Paid(first, bank_ref="C"), Paid(second, bank_ref="C"),
                                     amount="80.00")]))  # fmt: skip
    assert (await taken(payments, fresh))["results"] == {"applied": 2}


async def test_a_file_booked_in_one_sum_settles_its_orders(payments: Payments) -> None:
    orders, file_id = await issued(payments, 3)

    def whole(count: int, amount: str) -> bytes:
        batch = tag("Btch", tag("MsgId", file_id) + tag("NbOfTxs", count))
        return message(statement([entry(Paid(None), amount=amount, batch=batch)]))

    odd = await taken(payments, whole(2, "120.00"))
    assert odd["work_list_codes"] == {"file-sum-differs": 1}
    assert (await taken(payments, whole(3, "120.00")))["results"] == {"applied": 3}
    assert await states(payments, *orders) == ["settled"] * 3


async def test_what_is_only_pending_moves_nothing(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    found = await taken(payments, a_statement(Paid(order_id, status="PDNG")))
    assert (found["not_final"], found["lines"]) == (1, 0)
    assert await states(payments, order_id) == ["in_file"]


async def test_nothing_is_matched_by_guess(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    lines = [
        Paid(order_id, amount="40.01"),
        Paid(order_id, currency="USD"),
        Paid(order_id, direction="CRDT"),
        Paid(order_id, reversal=True),
        Paid("NOTPROVIDED"),
        Paid("0" * 32),
    ]
    found = await taken(payments, a_statement(*lines))
    assert found["work_list_codes"] == {
        "sum-differs": 1,
        "currency-differs": 1,
        "credit-not-a-return": 1,
        "direction-unclear": 1,
        "no-end-to-end-id": 1,
        "order-unknown": 1,
    }
    assert await states(payments, order_id) == ["in_file"]


async def test_an_office_brings_answers_about_its_own_account_only(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    file = a_statement(Paid(order_id), account=account(5))
    refused = await bring(payments, file)
    assert refused.json()["code"] == "account-not-the-offices"
    foreign = await bring(payments, a_statement(Paid(order_id)), by=STRANGER)
    assert foreign.json()["code"] == "outside-your-organisation"
    away = await bring(payments, a_status([(order_id, "ACSC", None)], file_id="f"),
                       by=STRANGER, partner=OTHER_OFFICE)  # fmt: skip
    assert away.json()["work_list_codes"] == {"order-of-another-office": 1}
    assert await states(payments, order_id) == ["in_file"]


@pytest.mark.feature("N3")
async def test_an_auditor_walks_from_an_order_to_its_bank_lines(payments: Payments) -> None:
    await payments.doors.grant("an.auditor", "auditor", "state")
    order_id, _, _ = await payments.an_issued_order()
    file = a_statement(
        Paid(order_id, bank_ref="REF-7", account=account(1), text="Anna Bērziņa, ēdināšana")
    )
    found = await taken(payments, file)
    path = f"/orders/{order_id}/bank-lines"
    shown = (await payments.doors.get(path, by="an.auditor")).json()
    (line,) = shown["lines"]
    assert (line["sha256"], line["bank_ref"], line["cents"]) == (found["sha256"], "REF-7", 4_000)
    assert (line["result"], line["statement_id"]) == ("applied", "S1")
    kept = await everything_kept(payments)
    for secret in (account(1), OWN_ACCOUNT, "Bērziņa"):
        assert secret not in kept
    listed = await payments.doors.get(f"/offices/{OFFICE}/bank-answers", by=OFFICER)
    assert listed.json()["answers"][0]["sha256"] == found["sha256"]


async def everything_kept(payments: Payments) -> str:
    """All that is kept of banks' answers, as text."""
    asked = text(
        "SELECT string_agg(l::text, ' ') || (SELECT string_agg(m::text, ' ') FROM bank_messages m)"
        " FROM bank_lines l"
    )
    async with payments.doors.database.transaction() as session:
        return str((await session.execute(asked)).scalar_one())


async def test_what_a_bank_said_never_changes(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    await taken(payments, a_statement(Paid(order_id)))
    with pytest.raises(DBAPIError, match="never changes"):
        async with payments.doors.database.transaction() as session:
            await session.execute(text("UPDATE bank_lines SET cents = 1"))
