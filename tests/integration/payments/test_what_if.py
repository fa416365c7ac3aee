"""What would happen is shown line by line, equals what then happens, and changes nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.payments.orders.store import OrderRow
from tests.builders_payments import Payments
from tests.money_facts import LATER, OFFICE, OFFICER, STRANGER, TEACHER, a_claim, an_invoice

DAY = {"partner": OFFICE, "execution_date": "2021-11-15"}
TABLES = (
    "claims",
    "orders",
    "entitlements",
    "pupil_months",
    "bank_files",
    "bank_file_chunks",
    "outbox",
    "idempotency_keys",
    "reports",
    "evidence_claims",
)


async def everything(payments: Payments) -> dict[str, Any]:
    """All rows of what a command could change."""
    found = {}
    async with payments.doors.database.transaction() as session:
        for table in TABLES:
            asked = text(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
                         f" FROM {table} t")  # fmt: skip
            found[table] = await session.scalar(asked)
    return found


async def what_if(payments: Payments, path: str, body: Any, **more: Any) -> Any:
    """Ask what would happen; it must change nothing."""
    before = await everything(payments)
    answer = await payments.doors.send(path, body, **{"by": OFFICER, "at": LATER} | more)
    assert await everything(payments) == before
    return answer


def without_new_ids(lines: Sequence[dict[str, Any]], given: set[str]) -> list[dict[str, Any]]:
    """Answers without the ids that were made for them."""
    for line in lines:
        if line["id"] not in given:
            line["id"] = None
        (line["details"] or {}).pop("order_id", None)
    return list(lines)


@pytest.mark.feature("N5")
async def test_what_claims_would_be_answered_is_what_they_are_answered(payments: Payments) -> None:
    planned = {"m": ("meals", {"2021-10": 5_000}), "s": ("special_transport", {"2021-10": 20_000})}
    plan_id = await payments.a_plan(planned)
    again = an_invoice("WHAT-IF-1")
    lines = [
        a_claim(plan_id, "m", 4_000, claim_id="what-if-1", evidence=again),
        a_claim(plan_id, "m", 400, evidence=again),
        a_claim(plan_id, "m", 12_345),
        a_claim(plan_id, "m", 1),
        a_claim(plan_id, "nothing", 100),
        a_claim("no-plan", "m", 100),
        a_claim(plan_id, "s", 100, payee_id="nobody"),
        a_claim(plan_id, "s", 0),
        a_claim(plan_id, "m", 4_001, claim_id="what-if-1"),
    ]
    shown = await what_if(payments, "/claims/what-if", lines, by=TEACHER)
    assert shown.status_code == 200, shown.text
    codes = [line["code"] for line in shown.json()["lines"]]
    assert codes == [
        None,
        "evidence-already-paid",
        "ceiling-cut",
        "ceiling-reserved",
        "measure-not-in-plan",
        "plan-unknown",
        "payee-unknown",
        "invalid",
        "claim-repeated",
    ]
    real = await payments.claim(lines)
    given = {"what-if-1"}
    assert without_new_ids(real, given) == without_new_ids(shown.json()["lines"], given)
    answered = (await what_if(payments, "/claims/what-if", lines[:1], by=TEACHER)).json()
    assert answered["lines"][0]["details"]["answered_before"] is True


@pytest.mark.feature("N5")
async def test_what_approvals_would_be_answered_is_what_they_are_answered(
    payments: Payments,
) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 9_000})})
    order_id = await payments.an_order(plan_id, "m", 1_000)
    (own,) = await payments.claim([a_claim(plan_id, "m", 1_000)], by=OFFICER)
    ids = [order_id, order_id, own["details"]["order_id"], "nothing"]
    lines = [{"order_id": one} for one in ids]
    shown = (await what_if(payments, "/orders/approvals/what-if", lines)).json()["lines"]
    assert [line["code"] for line in shown] == [None, "wrong-move", "four-eyes", "order-unknown"]
    foreign = await what_if(payments, "/orders/approvals/what-if", lines, by=STRANGER)
    assert foreign.json()["lines"][0]["code"] == "outside-your-organisation"
    assert await payments.approve_orders(*ids) == shown
    await payments.issue_file()


async def reads(payments: Payments) -> list[tuple[str, str]]:
    """Who read the payees' names and accounts when files were tried out."""
    asked = text("SELECT reader, subject_ref FROM read_log WHERE reason = 'bank file tried out'")
    async with payments.doors.database.transaction() as session:
        return [(row[0], row[1]) for row in await session.execute(asked)]


@pytest.mark.feature("N5")
@pytest.mark.feature("N2")
async def test_what_a_file_would_hold_and_warn_of_is_what_it_holds(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 9_000})})
    ids = [await payments.an_order(plan_id, "m", cents) for cents in (1_000, 2_000)]
    await payments.approve_orders(*ids)
    await payments.set_parameter("bank_file_day_eur_announce", 20, place=OFFICE)
    evening = LATER.replace("T10", "T19")
    shown = await what_if(payments, "/bank-files/what-if", DAY, at=evening)
    tried = shown.json()
    (part,) = tried["parts"]
    assert (part["count"], part["cents"]) == (2, 3_000)
    assert {order["order_id"]: order["cents"] for order in part["orders"]} == {
        ids[0]: 1_000,
        ids[1]: 2_000,
    }
    assert (tried["waiting"], tried["findings"]) == ([], [])
    codes = [warning["code"] for warning in part["warnings"]]
    assert codes == ["day-sum-to-announce", "after-last-hour"]
    assert "2021-11-16" in part["warnings"][1]["message_en"], "the next working day by its date"
    assert {reader for reader, _ in await reads(payments)} == {OFFICER}, "who read stays written"
    real = await payments.doors.send("/bank-files", DAY, by=OFFICER, at=evening)
    (file,) = real.json()["files"]
    same = ("part", "count", "cents", "warnings")
    assert {name: file[name] for name in same} == {name: part[name] for name in same}
    assert [(await payments.order(i))["file_id"] for i in ids] == [file["file_id"]] * 2
    nothing = await what_if(payments, "/bank-files/what-if", DAY)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing-to-pay")


@pytest.mark.feature("N5")
async def test_what_the_check_would_refuse_a_file_for_is_shown_before(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 9_000})})
    order_id = await payments.an_order(plan_id, "m", 1_000)
    await payments.approve_orders(order_id)
    codes = {"payer": "21.2.0.0", "payee": ""}
    await payments.set_parameter("budget_codes", codes, place=OFFICE)
    tried = (await what_if(payments, "/bank-files/what-if", DAY)).json()
    real = await payments.issue_file(day="2021-11-15")
    await payments.set_parameter("budget_codes", codes | {"payee": "EKK6200"}, place=OFFICE)
    assert real.json()["code"] == "bank-file-faulty"
    assert tried["findings"] == real.json()["findings"] != []
    finding, schema = tried["findings"]
    assert (finding["line"], finding["order_id"]) == (1, order_id)
    assert (finding["code"], schema["code"]) == ("budget-code-missing", "schema")
    assert (schema["line"], schema["order_id"]) == (0, None), "the schema speaks of the whole file"
    assert finding["cure_lv"] and finding["cure_en"]
    assert tried["parts"] == []
    assert (await payments.issue_file()).status_code == 201


async def test_a_day_nobody_pays_on_is_warned_of(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 9_000})})
    await payments.approve_orders(await payments.an_order(plan_id, "m", 1_000))
    holiday = DAY | {"execution_date": "2021-11-18"}
    tried = (await what_if(payments, "/bank-files/what-if", holiday)).json()
    warnings = {w["code"]: w["message_lv"] for w in tried["parts"][0]["warnings"]}
    assert warnings["not-a-working-day"] == "2021-11-18 nav darbdiena: samaksās 2021-11-19."
    assert (await payments.issue_file()).status_code == 201


@pytest.mark.feature("M6")
async def test_a_batch_that_is_not_what_was_declared_is_refused_with_the_difference(
    payments: Payments,
) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 9_000})})
    lines = [a_claim(plan_id, "m", 1_000), a_claim(plan_id, "m", 2_000)]
    for path in ("/claims", "/claims/what-if"):
        wrong = await what_if(
            payments, path, lines, by=TEACHER, declared_count=3, declared_cents=3_001
        )
        assert (wrong.status_code, wrong.json()["code"]) == (409, "declared-differs")
        details = wrong.json()
        assert (details["difference_count"], details["difference_cents"]) == (-1, -1)
        assert (details["found_count"], details["found_cents"]) == (2, 3_000)
    right = await payments.claim(lines, declared_count=2, declared_cents=3_000)
    ids = [line["details"]["order_id"] for line in right]
    approvals = [{"order_id": one} for one in ids]
    wrong = await what_if(payments, "/orders/approvals", approvals, declared_cents=2_999)
    assert wrong.json()["difference_cents"] == 1
    await payments.doors.lines(
        "/orders/approvals", approvals, by=OFFICER, at=LATER, declared_cents=3_000
    )
    wrong = await what_if(payments, "/bank-files", DAY | {"declared_count": 1})
    assert (wrong.json()["code"], wrong.json()["found_count"]) == ("declared-differs", 2)
    declared = DAY | {"declared_count": 2, "declared_cents": 3_000}
    assert (await payments.doors.send("/bank-files", declared, by=OFFICER, at=LATER)).is_success


@pytest.mark.feature("M9")
@pytest.mark.feature("D8")
async def test_a_repeated_end_to_end_id_is_refused_by_the_check_and_by_the_database(
    payments: Payments,
) -> None:
    order_id, _, _ = await payments.an_issued_order()
    file_id = (await payments.order(order_id))["file_id"]
    file = (await payments.doors.get(f"/bank-files/{file_id}", by=OFFICER)).content
    begin, end = file.index(b"<CdtTrfTxInf>"), file.index(b"</PmtInf>")
    twice = file[:end] + file[begin:end] + file[end:]
    twice = twice.replace(b"<NbOfTxs>1<", b"<NbOfTxs>2<")
    twice = twice.replace(b">40.00</CtrlSum", b">80.00</CtrlSum")

    async def checked(content: bytes) -> dict[str, Any]:
        headers = payments.doors.headers(OFFICER, LATER, None) | {"Content-Type": "application/xml"}
        path = "/bank-files/checks"
        answer = await payments.doors.client.post(path, content=content, headers=headers)
        found: dict[str, Any] = answer.json()
        return found

    assert (await checked(file))["findings"] == []
    answer = await checked(twice)
    assert (answer["count"], answer["cents"]) == (2, 8_000)
    (finding,) = answer["findings"]
    assert (finding["code"], finding["line"], finding["field"]) == (
        "end-to-end-repeated",
        2,
        "EndToEndId",
    )
    assert (await checked(b"<no-file/>"))["findings"] != []
    names = ", ".join(OrderRow._fields)
    copied = text(f"INSERT INTO orders ({names}) SELECT {names} FROM orders WHERE order_id = :id")
    with pytest.raises(IntegrityError, match="orders_key"):
        async with payments.doors.database.transaction() as session:
            await session.execute(copied, {"id": order_id})


@pytest.mark.feature("M17")
async def test_from_november_2026_an_address_is_whole_or_not_there(payments: Payments) -> None:
    await payments.payee("half", 61, country="LV")
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 9_000})})
    order_id = await payments.an_order(plan_id, "m", 1_000, payee_id="half")
    await payments.approve_orders(order_id)
    last, first = "2026-11-13", "2026-11-16"
    tried = {}
    for day in (last, first):
        body = DAY | {"execution_date": day}
        tried[day] = (await what_if(payments, "/bank-files/what-if", body, at=last)).json()
    assert tried[last]["findings"] == []
    (finding,) = tried[first]["findings"]
    assert (finding["code"], finding["field"]) == ("address-incomplete", "Cdtr/PstlAdr")
    assert (finding["line"], finding["order_id"]) == (1, order_id)
    refused = await payments.doors.send(
        "/bank-files", DAY | {"execution_date": first}, by=OFFICER, at=last
    )
    assert refused.json()["code"] == "bank-file-faulty"
    assert (await payments.issue_file()).status_code == 201


@pytest.mark.feature("M17")
async def test_address_lines_are_refused(payments: Payments) -> None:
    order_id, _, _ = await payments.an_issued_order()
    file_id = (await payments.order(order_id))["file_id"]
    file = (await payments.doors.get(f"/bank-files/{file_id}", by=OFFICER)).content
    lines = file.replace(b"</Nm></Cdtr>", b"</Nm><PstlAdr><AdrLine>Riga</AdrLine></PstlAdr></Cdtr>")
    headers = payments.doors.headers(OFFICER, LATER, None) | {"Content-Type": "application/xml"}
    answer = await payments.doors.client.post("/bank-files/checks", content=lines, headers=headers)
    assert "address-unstructured" in {finding["code"] for finding in answer.json()["findings"]}
