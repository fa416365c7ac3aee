"""A payee is changed by two persons after some days; what was paid to which is known."""

from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.payments.files.domain import NAMESPACE
from tests.builders_payments import Payments
from tests.money_facts import (
    COUNTER,
    LATER,
    OFFICE,
    OFFICER,
    OTHER_OFFICE,
    STATE_OFFICER,
    STRANGER,
    TEACHER,
    account,
)

NAME = "Ģertrūde Šķēle-Ņikuļina"
SECOND = "a.second.officer"
MONDAY, TUESDAY, THURSDAY = LATER, "2021-11-16", "2021-11-18"


async def a_payee(payments: Payments, number: int) -> str:
    """A payee of this test's own."""
    await payments.doors.grant(SECOND, "payment_officer", OFFICE)
    payee_id = f"payee-{next(COUNTER)}"
    await payments.payee(payee_id, number)
    return payee_id


async def propose(
    payments: Payments, payee_id: str, number: int, *, by: str = TEACHER, **more: Any
) -> dict[str, Any]:
    """Propose an account and a name; gives the line's answer."""
    line = {"partner": OFFICE, "payee_id": payee_id, "name": NAME, "account": account(number)}
    line |= {"reason": "the bank was changed", **more}
    (answer,) = await payments.doors.lines("/payees/changes", [line], by=by, at=MONDAY)
    return answer


async def decide(
    payments: Payments, change_id: str, decision: str, *, by: str = OFFICER, at: str = MONDAY
) -> dict[str, Any]:
    """Confirm or refuse a change; gives the line's answer."""
    line = {"change_id": change_id, "decision": decision}
    (answer,) = await payments.doors.lines("/payees/changes/decisions", [line], by=by, at=at)
    return answer


async def a_confirmed_change(payments: Payments, payee_id: str, number: int) -> str:
    """A change proposed by the teacher and confirmed by the officer on Monday."""
    change_id: str = (await propose(payments, payee_id, number))["id"]
    answer = await decide(payments, change_id, "confirm")
    assert answer["details"] == {"state": "confirmed", "in_force_from": THURSDAY}
    return change_id


async def shown(payments: Payments, payee_id: str, at: str) -> tuple[str, str, int]:
    """Name, account and version of a payee as its office sees it on a day."""
    path = f"/offices/{OFFICE}/payees/{payee_id}"
    answer = (await payments.doors.get(path, by=OFFICER, at=at)).json()
    return answer["name"], answer["account"], answer["version"]


async def paid_on(payments: Payments, payee_id: str, day: str) -> tuple[str, str, str]:
    """Pay the payee by a file of a day; gives the order, the name and the account in the file."""
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})})
    order_id = await payments.an_order(plan_id, "m", 4_000, payee_id=payee_id)
    await payments.approve_orders(order_id)
    file_id = (await payments.issue_file(day=day)).json()["files"][0]["file_id"]
    document = etree.fromstring(
        (await payments.doors.get(f"/bank-files/{file_id}", by=OFFICER)).content
    )
    ns = {"p": NAMESPACE}
    payment = f"//p:CdtTrfTxInf[p:PmtId/p:EndToEndId = '{order_id}']"
    name = document.xpath(f"string({payment}/p:Cdtr/p:Nm)", namespaces=ns)
    iban = document.xpath(f"string({payment}/p:CdtrAcct/p:Id/p:IBAN)", namespaces=ns)
    return order_id, str(name), str(iban)


@pytest.mark.feature("M7")
@pytest.mark.feature("M12")
async def test_a_change_needs_a_second_person_and_some_days(payments: Payments) -> None:
    payee_id = await a_payee(payments, 701)
    change_id = (await propose(payments, payee_id, 702, by=OFFICER))["id"]
    own = await decide(payments, change_id, "confirm")
    foreign = await decide(payments, change_id, "confirm", by=STRANGER)
    assert (own["code"], foreign["code"]) == ("four-eyes", "outside-your-organisation")
    confirmed = await decide(payments, change_id, "confirm", by=SECOND)
    assert confirmed["details"] == {"state": "confirmed", "in_force_from": THURSDAY}
    assert await shown(payments, payee_id, TUESDAY) == ("Anna Bērziņa", account(701), 1)
    assert await shown(payments, payee_id, THURSDAY) == (NAME, account(702), 2)
    again = await decide(payments, change_id, "confirm", by=SECOND)
    assert again["code"] == "payee-change-decided"


async def test_the_days_to_wait_are_a_parameter_of_the_office(payments: Payments) -> None:
    await payments.set_parameter("payee_change_days", 0, place=OFFICE)
    payee_id = await a_payee(payments, 703)
    change_id = (await propose(payments, payee_id, 704))["id"]
    answer = await decide(payments, change_id, "confirm")
    await payments.set_parameter("payee_change_days", 3, place=OFFICE)
    assert answer["details"]["in_force_from"] == "2021-11-15"
    assert await shown(payments, payee_id, MONDAY) == (NAME, account(704), 2)


@pytest.mark.feature("M16")
@pytest.mark.feature("D7")
async def test_a_file_pays_to_the_version_in_force_on_its_day(payments: Payments) -> None:
    payee_id = await a_payee(payments, 705)
    await a_confirmed_change(payments, payee_id, 706)
    before, *was = await paid_on(payments, payee_id, "2021-11-17")
    after, *became = await paid_on(payments, payee_id, THURSDAY)
    assert was == ["Anna Bērziņa", account(705)]
    assert became == [NAME, account(706)]
    orders = [await payments.order(before), await payments.order(after)]
    assert [order["payee_version"] for order in orders] == [1, 2]


async def test_a_change_is_refused_until_its_day_unless_a_file_pays_to_it(
    payments: Payments,
) -> None:
    payee_id = await a_payee(payments, 707)
    proposed = (await propose(payments, payee_id, 708))["id"]
    refused = await decide(payments, proposed, "refuse")
    assert refused["details"]["state"] == "refused"
    assert (await decide(payments, proposed, "confirm"))["code"] == "payee-change-decided"
    waiting = await a_confirmed_change(payments, payee_id, 709)
    assert (await decide(payments, waiting, "refuse", at=TUESDAY))["status"] == "accepted"
    assert await shown(payments, payee_id, THURSDAY) == ("Anna Bērziņa", account(707), 1)
    third = await a_confirmed_change(payments, payee_id, 710)
    await paid_on(payments, payee_id, THURSDAY)
    too_late = await decide(payments, third, "refuse", at=TUESDAY)
    assert too_late["code"] == "payee-change-paid"
    in_force = await decide(payments, third, "refuse", at=THURSDAY)
    assert in_force["code"] == "payee-change-decided"
    assert await shown(payments, payee_id, THURSDAY) == (NAME, account(710), 2)


async def test_one_change_of_a_payee_at_a_time(payments: Payments) -> None:
    payee_id = await a_payee(payments, 711)
    first = (await propose(payments, payee_id, 712))["id"]
    assert (await propose(payments, payee_id, 713))["code"] == "payee-change-open"
    await decide(payments, first, "confirm")
    assert (await propose(payments, payee_id, 713))["code"] == "payee-change-open"


@pytest.mark.feature("M7")
@pytest.mark.feature("M8")
async def test_what_cannot_be_proposed_is_refused_with_its_field(payments: Payments) -> None:
    payee_id = await a_payee(payments, 714)
    wrong = await propose(payments, payee_id, 715, account="LV00HABA0000000000001")
    abroad = await propose(payments, payee_id, 715, account="XX5100000000000000000")
    long = await propose(payments, payee_id, 715, name="A" * 200)
    same = await propose(payments, payee_id, 714, name="Anna Bērziņa")
    unknown = await propose(payments, "nobody", 715)
    foreign = await propose(payments, payee_id, 715, partner=OTHER_OFFICE)
    unheard = await decide(payments, "nothing", "confirm")
    assert [(a["code"], a["field"]) for a in (wrong, abroad, long)] == [
        ("bad-iban", "account"),
        ("iban-country", "account"),
        ("invalid", "name"),
    ]
    assert [a["code"] for a in (same, unknown, foreign, unheard)] == [
        "nothing-changes",
        "payee-unknown",
        "outside-your-organisation",
        "payee-change-unknown",
    ]
    changes = await payments.doors.get(f"/offices/{OFFICE}/payee-changes", by=OFFICER)
    assert payee_id not in {change["payee_id"] for change in changes.json()["changes"]}


async def test_who_decides_sees_both_versions_and_the_reads_are_logged(
    payments: Payments,
) -> None:
    payee_id = await a_payee(payments, 716)
    change_id = (await propose(payments, payee_id, 717))["id"]
    path = f"/offices/{OFFICE}/payee-changes"
    for stranger in (TEACHER, STRANGER, STATE_OFFICER):
        for hidden in (path, f"{path}/{change_id}"):
            assert (await payments.doors.get(hidden, by=stranger)).status_code == 403
    compared = (await payments.doors.get(f"{path}/{change_id}", by=OFFICER)).json()
    assert compared["now"]["account"] == account(716)
    assert (compared["to_be"]["name"], compared["to_be"]["account"]) == (NAME, account(717))
    assert compared["reason"] == "the bank was changed"
    listed = await payments.doors.get(path, by=OFFICER, state="proposed")
    (change,) = [c for c in listed.json()["changes"] if c["payee_id"] == payee_id]
    assert change["account_shown"] == f"LV…{account(717)[-4:]}"
    assert account(717) not in listed.text and NAME not in listed.text
    question = "SELECT array_agg(reason ORDER BY reason) FROM read_log WHERE subject_ref = :payee"
    async with payments.doors.database.transaction() as session:
        reasons = await session.scalar(text(question), {"payee": payee_id})
    assert reasons == ["compared with a change", "looked at a change"]


async def test_changes_are_listed_page_by_page(payments: Payments) -> None:
    for number in (718, 720, 722):
        await propose(payments, await a_payee(payments, number), number + 1)
    path, seen = f"/offices/{OFFICE}/payee-changes", []
    page = (await payments.doors.get(path, by=OFFICER, limit=2)).json()
    while page["next"] is not None:
        seen += [change["change_id"] for change in page["changes"]]
        page = (await payments.doors.get(path, by=OFFICER, after=page["next"], limit=2)).json()
    seen += [change["change_id"] for change in page["changes"]]
    assert len(seen) == len(set(seen)) >= 3 and seen == sorted(seen)


@pytest.mark.feature("M12")
async def test_the_database_itself_refuses_a_change_by_one_person(payments: Payments) -> None:
    payee_id = await a_payee(payments, 724)
    change_id = (await propose(payments, payee_id, 725))["id"]
    alone = "confirmed_by = proposed_by, confirmed_at = now(), in_force_from = '2021-11-15'"
    for values in ("state = 'confirmed'", f"state = 'confirmed', {alone}"):
        with pytest.raises(DBAPIError, match=r"four_eyes|confirmed_by_somebody"):
            async with payments.doors.database.transaction() as session:
                await session.execute(
                    text(f"UPDATE payee_changes SET {values} WHERE change_id = :id"),
                    {"id": change_id},
                )
    assert await shown(payments, payee_id, THURSDAY) == ("Anna Bērziņa", account(724), 1)


async def test_changed_names_and_accounts_lie_sealed(payments: Payments) -> None:
    payee_id = await a_payee(payments, 726)
    await propose(payments, payee_id, 727)
    async with payments.doors.database.transaction() as session:
        kept = await session.scalar(
            text("SELECT sealed FROM payee_changes WHERE payee_id = :id"), {"id": payee_id}
        )
    assert NAME.encode() not in kept and account(727).encode() not in kept


@pytest.mark.feature("M7")
async def test_a_payee_no_bank_could_take_is_refused_before_it_can_stop_a_file(
    payments: Payments,
) -> None:
    line = {"partner": OFFICE, "kind": "parent", "name": "Anna Bērziņa", "account": account(900)}
    changes: list[dict[str, str]] = [
        {"name": "   "},
        {"name": "\ufffe"},
        {"name": "\u202eAnna"},
        {"town": "\u200b", "country": "LV"},
        {"country": "LV"},
        {"town": "Rīga"},
    ]
    lines = [line | change for change in changes]
    answers = await payments.doors.lines("/payees", lines, by=TEACHER, at="2026-11-15")
    assert [(a["code"], a["field"]) for a in answers] == [
        ("invalid", "name"),
        ("invalid", "name"),
        ("invalid", "name"),
        ("invalid", "town"),
        ("address-incomplete", "town"),
        ("address-incomplete", "country"),
    ]
    (before,) = await payments.doors.lines("/payees", [lines[4]], by=TEACHER, at="2026-11-14")
    assert before["status"] == "accepted", "a country alone was enough until then"
    proposed = [{**line, "payee_id": before["id"], "reason": "moved", "town": "Rīga"}]
    del proposed[0]["kind"]
    (answer,) = await payments.doors.lines("/payees/changes", proposed, by=TEACHER)
    assert (answer["code"], answer["field"]) == ("address-incomplete", "country")
