"""Approved orders become one checked, immutable file; the office takes it and reports."""

import hashlib
from typing import Any

import httpx
import pytest
from lxml import etree
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.payments.files.check import check
from services.payments.files.domain import NAMESPACE
from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.money_facts import LATER, OFFICE, OFFICER, STRANGER, TEACHER, a_claim, account

N = f"{{{NAMESPACE}}}"


async def the_file(payments: Payments, **more: Any) -> dict[str, Any]:
    """Issue a file and show what is said of it."""
    answer = await payments.issue_file(**more)
    assert answer.status_code == 201, answer.text
    (file,) = answer.json()["files"]
    found: dict[str, Any] = file
    return found


async def download(payments: Payments, file_id: str, *, by: str = OFFICER) -> httpx.Response:
    """Get a file."""
    return await payments.doors.get(f"/bank-files/{file_id}", by=by)


async def an_approved_order(payments: Payments, cents: int = 4_000, **more: Any) -> str:
    """An order that may go into the next file."""
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": cents})})
    order_id = await payments.an_order(plan_id, "m", cents, **more)
    (answer,) = await payments.approve_orders(order_id)
    assert answer["status"] == "accepted", answer
    return order_id


@pytest.mark.feature("M12")
async def test_who_entered_a_claim_cannot_approve_its_order(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})})
    (answer,) = await payments.claim([a_claim(plan_id, "m", 4_000)], by=OFFICER)
    order_id = answer["details"]["order_id"]
    (own,) = await payments.approve_orders(order_id)
    assert own["code"] == "four-eyes"
    (foreign,) = await payments.approve_orders(order_id, by=STRANGER)
    assert foreign["code"] == "outside-your-organisation"
    await payments.doors.grant("second.officer", "payment_officer", OFFICE)
    answers = await payments.approve_orders(order_id, order_id, "nothing", by="second.officer")
    assert [a["code"] for a in answers] == [None, "wrong-move", "order-unknown"]
    order = await payments.order(order_id)
    assert (order["state"], order["approved_by"]) == ("approved", "second.officer")
    await the_file(payments)


async def test_the_database_itself_refuses_one_pair_of_eyes(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})})
    order_id = await payments.an_order(plan_id, "m", 4_000)
    forced = text(
        "UPDATE orders SET state = 'approved', approved_by = entered_by WHERE order_id = :id"
    )
    with pytest.raises(DBAPIError, match="four_eyes"):
        async with payments.doors.database.transaction() as session:
            await session.execute(forced, {"id": order_id})


@pytest.mark.feature("M15")
@pytest.mark.feature("M16")
@pytest.mark.feature("M17")
@pytest.mark.feature("M18")
@pytest.mark.feature("D7")
@pytest.mark.feature("N2")
async def test_the_file_holds_what_was_approved_and_nothing_else(payments: Payments) -> None:
    name = "Ģertrūde Šķēle-Ņikuļina & māte"
    await payments.payee("gertrude", 7, name=name, town="Sigulda", country="LV", code="32000000001")
    order_id = await an_approved_order(payments, 4_000, payee_id="gertrude")
    file = await the_file(payments)
    assert (file["count"], file["cents"], file["part"]) == (1, 4_000, file["part"])
    got = await download(payments, file["file_id"])
    assert (
        hashlib.sha256(got.content).hexdigest() == file["sha256"] == got.headers["etag"].strip('"')
    )
    assert check([got.content]) == []
    root = etree.fromstring(got.content)
    (paid,) = root.iter(f"{N}CdtTrfTxInf")
    assert paid.findtext(f"{N}PmtId/{N}EndToEndId") == order_id
    assert paid.findtext(f"{N}Cdtr/{N}Nm") == name
    assert paid.findtext(f"{N}Cdtr/{N}PstlAdr/{N}TwnNm") == "Sigulda"
    assert paid.findtext(f"{N}CdtrAcct/{N}Id/{N}IBAN") == account(7)
    assert paid.findtext(f"{N}UltmtDbtr/{N}Nm") == "Siguldas pilsētas vidusskola"
    assert [e.text for e in paid.iter(f"{N}Inf")] == ["21.2.0.0", "EKK6200"]
    assert root.find(f".//{N}PmtInf/{N}UltmtDbtr") is None
    assert "Ģertrūde".encode() in got.content


async def test_the_office_is_told_without_names_or_accounts(payments: Payments) -> None:
    order_id = await an_approved_order(payments, 1_234)
    file = await the_file(payments)
    facts = await said(payments, OFFICE)
    (kind, told), (last_kind, last) = facts[-2:]
    assert (kind, last_kind) == ("order-issued", "bank-file-issued")
    assert (told["order_id"], told["cents"], told["file_id"]) == (order_id, 1_234, file["file_id"])
    assert (last["sha256"], last["order_ids"]) == (file["sha256"], [order_id])
    assert "Bērziņa" not in str(facts) and account(1) not in str(facts)


async def test_an_order_goes_into_one_file_only(payments: Payments) -> None:
    order_id = await an_approved_order(payments)
    file = await the_file(payments)
    again = await payments.issue_file()
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-pay")
    order = await payments.order(order_id)
    assert (order["state"], order["file_id"]) == ("in_file", file["file_id"])
    await download(payments, file["file_id"])
    assert (await payments.order(order_id))["state"] == "sent"


async def test_more_lines_than_a_file_takes_make_more_files(payments: Payments) -> None:
    ids = sorted([await an_approved_order(payments, 100 + n) for n in range(5)])
    await payments.set_parameter("bank_file_lines_max", 2, place=OFFICE)
    issued = await payments.issue_file()
    assert issued.status_code == 201, issued.text
    parts = issued.json()["files"]
    await payments.set_parameter("bank_file_lines_max", 20_000, place=OFFICE)
    assert [file["count"] for file in parts] == [2, 2, 1]
    assert sum(file["cents"] for file in parts) == sum(100 + n for n in range(5))
    assert {(await payments.order(i))["file_id"] for i in ids} == {f["file_id"] for f in parts}


@pytest.mark.feature("M31")
async def test_a_file_is_for_its_own_office_only_and_its_reading_is_logged(
    payments: Payments,
) -> None:
    await an_approved_order(payments)
    file = await the_file(payments)
    for person, status in ((STRANGER, 403), (TEACHER, 403), (OFFICER, 200)):
        assert (await download(payments, file["file_id"], by=person)).status_code == status
    assert (await download(payments, "no-such-file")).status_code == 404
    logged = text("SELECT reader, fields FROM read_log WHERE subject_ref = :ref")
    async with payments.doors.database.transaction() as session:
        rows = list(await session.execute(logged, {"ref": f"bank-file:{file['file_id']}"}))
    assert [(row[0], "account" in row[1]) for row in rows] == [(OFFICER, True)]


async def test_a_file_once_issued_never_changes(payments: Payments) -> None:
    await an_approved_order(payments)
    file = await the_file(payments)
    with pytest.raises(DBAPIError, match="never changes"):
        async with payments.doors.database.transaction() as session:
            await session.execute(
                text("UPDATE bank_files SET cents = 1 WHERE file_id = :id"), {"id": file["file_id"]}
            )


async def test_names_and_accounts_lie_sealed(payments: Payments) -> None:
    await payments.payee("sealed", 55, name="Ilze Ozoliņa")
    await an_approved_order(payments, payee_id="sealed")
    await the_file(payments)
    everything = (
        "SELECT string_agg(t::text, '') FROM "
        "(SELECT sealed FROM payees UNION ALL SELECT sealed FROM bank_file_chunks) t"
    )
    async with payments.doors.database.transaction() as session:
        kept = bytes.fromhex((await session.scalar(text(everything))).replace("(\"\\\\x", "")
                             .replace("\")", ""))  # fmt: skip
    assert "Ozoliņa".encode() not in kept and account(55).encode() not in kept


async def test_an_office_without_an_account_issues_nothing(payments: Payments) -> None:
    order_id = await an_approved_order(payments)
    await payments.set_parameter("payer_account", None, place=OFFICE)
    answer = await payments.issue_file()
    await payments.set_parameter(
        "payer_account", {"iban": account(99), "name": "Siguldas novads"}, place=OFFICE
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "payer-account-missing")
    assert (await payments.order(order_id))["state"] == "approved"
    past = await payments.issue_file(day="2021-11-14")
    assert past.json()["code"] == "execution-date-past"
    foreign = await payments.issue_file(by=STRANGER)
    assert foreign.json()["code"] == "outside-your-organisation"
    await the_file(payments)


async def test_a_large_day_and_a_late_hour_are_warned_of(payments: Payments) -> None:
    await an_approved_order(payments, 20_000)
    await payments.set_parameter("bank_file_day_eur_announce", 100, place="state")
    body = {"partner": OFFICE, "execution_date": "2021-11-15"}
    answer = await payments.doors.send(
        "/bank-files", body, by=OFFICER, at=LATER.replace("T10", "T19")
    )
    (file,) = answer.json()["files"]
    codes = [warning["code"] for warning in file["warnings"]]
    assert codes == ["day-sum-to-announce", "after-last-hour"]


@pytest.mark.feature("M7")
@pytest.mark.feature("M8")
async def test_a_payee_with_bad_check_digits_is_never_kept(payments: Payments) -> None:
    line = {"partner": OFFICE, "kind": "parent", "name": "Anna", "account": "LV00HABA0000000000001"}
    bad, long, country, foreign = await payments.doors.lines(
        "/payees",
        [
            line,
            line | {"name": "A" * 200, "account": account(1)},
            line | {"account": "XX5100000000000000000"},
            line | {"account": account(1), "partner": "90000054572"},
        ],
        by=TEACHER,
    )
    assert (bad["code"], bad["field"]) == ("bad-iban", "account")
    assert (long["code"], long["field"]) == ("invalid", "name")
    assert country["code"] == "iban-country"
    assert foreign["code"] == "outside-your-organisation"


async def test_a_payee_is_shown_to_its_office_only(payments: Payments) -> None:
    line = {"payee_id": "kept", "partner": OFFICE, "kind": "parent", "name": "Jānis  Ābols",
            "account": account(8).lower()}  # fmt: skip
    first, same, other = await payments.doors.lines(
        "/payees", [line, line, line | {"account": account(9)}], by=TEACHER
    )
    assert (first["status"], same["status"], other["code"]) == (
        "accepted",
        "accepted",
        "payee-differs",
    )
    path = f"/offices/{OFFICE}/payees/kept"
    shown = (await payments.doors.get(path, by=OFFICER)).json()
    assert (shown["name"], shown["account"]) == ("Jānis Ābols", account(8))
    assert (await payments.doors.get(path, by=TEACHER)).status_code == 403
    assert (await payments.doors.get(path, by=STRANGER)).status_code == 403


async def test_a_mistyped_year_takes_no_order_into_a_file(payments: Payments) -> None:
    order_id = await an_approved_order(payments)
    for day, code in (("2022-02-16", "execution-date-far"), ("2021-11-14", "execution-date-past")):
        refused = await payments.issue_file(day=day)
        assert (refused.status_code, refused.json()["code"]) == (409, code)
        assert refused.json()["field"] == "execution_date"
    assert (await payments.order(order_id))["state"] == "approved"
    assert (await payments.issue_file(day="2022-02-15")).status_code == 201
