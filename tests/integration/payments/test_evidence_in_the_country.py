"""Two cells pay, each for its own office: the same paper is paid once, and neither learns more."""

import json
from typing import Any

import pytest
import pytest_asyncio

from services.payments.consumers import CONSUMERS
from shared.contracts.evidence import EVIDENCE
from tests.builders_payments import Payments
from tests.doors import MakeDoors
from tests.integration.payments.country import Said, hear, months_agreed, taken
from tests.integration.payments.outbox import said
from tests.money_facts import (
    COUNTER,
    LATER,
    OFFICE,
    OFFICER,
    OTHER_OFFICE,
    OTHER_SCHOOL,
    TEACHER,
    a_claim,
    an_invoice,
    pupil,
)

Cells = tuple[Payments, Payments]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cells(service_doors: MakeDoors) -> Cells:
    """Two cells, each with an office, a school and a database of its own."""
    one = await service_doors("payments", cell="sigulda", serves=OFFICE)
    other = await service_doors("payments", cell="preili", serves=OTHER_OFFICE)
    return (
        await Payments(one).open(),
        await Payments(other, office=OTHER_OFFICE, school=OTHER_SCHOOL).open(),
    )


async def ordered(cell: Payments, number: str, line: str | None = None) -> str:
    """An approved order on a bill of this number, or a line of it."""
    plan_id = await cell.a_plan({"m": ("meals", {"2021-10": 4_000})})
    await months_agreed(cell)
    evidence = an_invoice(number) | ({} if line is None else {"line": line})
    order_id = await cell.an_order(plan_id, "m", 4_000, evidence=evidence)
    (answer,) = await cell.approve_orders(order_id)
    assert answer["status"] == "accepted", answer
    return order_id


async def evidence_said(cell: Payments) -> Said:
    """What a cell says of evidence."""
    return await taken(cell, EVIDENCE)


async def claim_of(cell: Payments, order_id: str) -> dict[str, Any]:
    """The claim an order came from."""
    claim_id = (await cell.order(order_id))["claim_id"]
    answer = await cell.doors.get(f"/claims/{claim_id}", by=TEACHER)
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.feature("M10")
@pytest.mark.feature("N4")
@pytest.mark.parametrize("winner", [0, 1])
async def test_of_two_cells_the_first_in_the_topic_pays_whoever_claimed_first(
    cells: Cells, winner: int
) -> None:
    first, late = cells[winner], cells[1 - winner]
    number = f"BOTH-{winner}"
    orders = {cell: await ordered(cell, number) for cell in cells}
    for cell in cells:
        waiting = await cell.issue_file()
        assert waiting.json()["code"] == "nothing-to-pay", "its evidence has not come back"
        assert waiting.json()["waiting"] == 1
        assert (await cell.order(orders[cell]))["evidence"] == "pending"
        of = cell.office
        seen = await cell.doors.get("/orders", by=OFFICER, partner=of, state="approved")
        assert [order["evidence"] for order in seen.json()["orders"]] == ["pending"]
    topic = [*await evidence_said(first), *await evidence_said(late)]
    await hear([*topic, *topic], *cells)
    (file,) = (await first.issue_file()).json()["files"]
    assert (file["count"], file["cents"]) == (1, 4_000)
    assert (await late.issue_file()).json()["code"] == "nothing-to-pay"
    paid, gone = await first.order(orders[first]), await late.order(orders[late])
    assert (paid["state"], paid["evidence"]) == ("in_file", "first")
    assert (gone["state"], gone["evidence"]) == ("cancelled", "elsewhere")
    claim = await claim_of(late, orders[late])
    assert (claim["state"], claim["code"]) == ("refused", "evidence-paid-elsewhere")
    assert claim["explanation"]["message"].startswith("this evidence is already paid elsewhere")
    assert claim["explanation"]["message_lv"].startswith("Šo pierādījumu jau apmaksā")
    assert (await late.month(gone["pupil_ref"]))["ordered_cents"] == 0
    told = [kind for kind, _ in await said(late, gone["pupil_ref"])]
    assert told[-2:] == ["payment-cancelled", "claim-refused"]


async def test_what_cells_tell_each_other_names_no_paper_pupil_place_or_sum(cells: Cells) -> None:
    first, late = cells
    orders = [await ordered(cell, "SECRET-77") for cell in cells]
    topic = [*await evidence_said(first), *await evidence_said(late)]
    pupils = [(await cell.order(i))["pupil_ref"] for cell, i in zip(cells, orders, strict=True)]
    for received in topic:
        assert received.partner is None and received.fact.about_partner is None
        fields = json.loads(received.fact.model_dump_json())
        assert set(fields) == {"shelf", "claims"}
        assert {name for one in fields["claims"] for name in one} == {
            "evidence_ref",
            "order_id",
            "keys",
            "by_line",
        }
        for secret in ("SECRET", "77", OFFICE, OTHER_OFFICE, *pupils, "4000"):
            assert secret not in str([one["evidence_ref"] for one in fields["claims"]])
            assert secret not in fields["shelf"]
    await hear(topic, *cells)
    seen = str(await claim_of(late, orders[1])) + str(await late.order(orders[1]))
    for secret in (OFFICE, pupils[0], orders[0], "sigulda"):
        assert secret not in seen, "a second office learns only that it is paid elsewhere"


async def test_evidence_held_elsewhere_is_refused_at_once_when_it_was_heard_of(
    cells: Cells,
) -> None:
    first, late = cells
    await ordered(first, "HEARD-1")
    await hear(await evidence_said(first), *cells)
    plan_id = await late.a_plan({"m": ("meals", {"2021-10": 4_000})})
    (answer,) = await late.claim([a_claim(plan_id, "m", 100, evidence=an_invoice("heard-1"))])
    assert (answer["status"], answer["code"]) == ("refused", "evidence-paid-elsewhere")
    assert answer["details"]["message_lv"].startswith("Šo pierādījumu jau apmaksā")
    assert await evidence_said(late) == [], "what is refused is not claimed"
    assert (await first.issue_file()).status_code == 201


@pytest.mark.parametrize("how", ["returned", "cancelled"])
async def test_after_a_return_or_a_cancellation_the_other_office_can_claim(
    cells: Cells, how: str
) -> None:
    first, late = cells
    number = f"AGAIN-{how}"
    order_id = await ordered(first, number)
    await hear(await evidence_said(first), *cells)
    if how == "returned":
        assert (await first.issue_file()).status_code == 201
        assert (await first.report(order_id, "returned"))["status"] == "accepted"
    else:
        line = {"order_id": order_id, "reason_code": "entered-by-mistake"}
        (answer,) = await first.doors.lines("/orders/cancellations", [line], by=OFFICER, at=LATER)
        assert answer["status"] == "accepted", answer
    release = await evidence_said(first)
    assert release, "the country is told"
    await hear([*release, *release], *cells)
    again = await ordered(late, number)
    topic = await evidence_said(late)
    await hear([*topic, *release], *cells)
    assert (await late.order(again))["evidence"] == "first", "an old release changes nothing"
    assert (await late.issue_file()).status_code == 201


async def test_paying_a_returned_order_again_asks_the_country_again(cells: Cells) -> None:
    first, late = cells
    returned = [await ordered(first, f"REPAIR-{number}") for number in range(2)]
    await hear(await evidence_said(first), *cells)
    assert (await first.issue_file()).status_code == 201
    for order_id in returned:
        await first.report(order_id, "returned")
    await hear(await evidence_said(first), *cells)
    taken = await ordered(late, "REPAIR-0")
    await hear(await evidence_said(late), *cells)
    assert (await late.order(taken))["evidence"] == "first"
    lines = [
        {"order_id": order_id, "decision": "pay_again", "reason": "the account was corrected"}
        for order_id in returned
    ]
    path = f"/offices/{first.office}/repairs"
    refused, again = await first.doors.lines(path, lines, by=OFFICER, at="2021-11-22")
    assert (refused["status"], refused["code"]) == ("refused", "evidence-paid-elsewhere")
    new_id = again["details"]["new_order_id"]
    assert (await first.order(new_id))["evidence"] == "pending"
    await hear(await evidence_said(first), *cells)
    assert (await first.order(new_id))["evidence"] == "first"
    assert (await late.issue_file()).status_code == 201


async def test_a_claim_told_of_before_a_release_loses_even_when_the_release_follows(
    cells: Cells,
) -> None:
    first, late = cells
    order_id = await ordered(first, "BETWEEN-1")
    claim = await evidence_said(first)
    between = await ordered(late, "BETWEEN-1")
    its_claim = await evidence_said(late)
    line = {"order_id": order_id, "reason_code": "entered-by-mistake"}
    await first.doors.lines("/orders/cancellations", [line], by=OFFICER, at=LATER)
    release = await evidence_said(first)
    await hear([*claim, *its_claim, *release], *cells)
    assert (await late.order(between))["state"] == "cancelled"
    again = await ordered(late, "BETWEEN-1")
    await hear(await evidence_said(late), *cells)
    assert (await late.order(again))["evidence"] == "first"
    assert (await late.issue_file()).status_code == 201


@pytest.mark.feature("M10")
@pytest.mark.feature("N4")
@pytest.mark.parametrize("winner", ["whole", "1"])
async def test_of_two_cells_one_is_paid_by_line_or_the_other_as_a_whole(
    cells: Cells, winner: str
) -> None:
    lined, whole = cells
    number = f"BILL-{winner}"
    orders = [await ordered(lined, number, line=line) for line in ("1", "2")]
    other = await ordered(whole, number)
    by_line, at_once = await evidence_said(lined), await evidence_said(whole)
    topic = [*at_once, *by_line] if winner == "whole" else [*by_line, *at_once]
    await hear([*topic, *topic], *cells)
    lines = [(await lined.order(order_id))["evidence"] for order_id in orders]
    stands = [*lines, (await whole.order(other))["evidence"]]
    late, first = (lined, whole) if winner == "whole" else (whole, lined)
    assert stands == (
        ["elsewhere", "elsewhere", "first"] if late is lined else ["first", "first", "elsewhere"]
    )
    assert (await late.issue_file()).json()["code"] == "nothing-to-pay"
    plan_id = await late.a_plan({"m": ("meals", {"2021-10": 4_000})})
    paper = an_invoice(number) | ({"line": "3"} if late is lined else {})
    (again,) = await late.claim([a_claim(plan_id, "m", 100, evidence=paper)])
    assert again["code"] == "evidence-paid-elsewhere"
    assert (await first.issue_file()).status_code == 201


async def test_lines_of_one_bill_are_paid_by_two_cells_and_all_given_back_it_is_free(
    cells: Cells,
) -> None:
    orders = {cell: await ordered(cell, "SHARED", line=cell.office) for cell in cells}
    await hear([one for cell in cells for one in await evidence_said(cell)], *cells)
    assert [(await cell.order(orders[cell]))["evidence"] for cell in cells] == ["first", "first"]
    for cell, code in zip(cells, ("evidence-paid-elsewhere", None), strict=True):
        line = {"order_id": orders[cell], "reason_code": "entered-by-mistake"}
        (answer,) = await cell.doors.lines("/orders/cancellations", [line], by=OFFICER, at=LATER)
        assert answer["status"] == "accepted", answer
        await hear(await evidence_said(cell), *cells)
        plan_id = await cells[0].a_plan({"m": ("meals", {"2021-10": 4_000})})
        await months_agreed(cells[0])
        claim = a_claim(plan_id, "m", 100, evidence=an_invoice("SHARED"))
        (whole,) = await cells[0].claim([claim])
        assert whole["code"] == code
    await hear(await evidence_said(cells[0]), *cells)
    assert (await cells[0].order(whole["details"]["order_id"]))["evidence"] == "first"


async def test_a_cell_that_pays_alone_waits_for_nobody_but_tells(payments: Payments) -> None:
    order_id = await ordered(payments, f"ALONE-{next(COUNTER)}")
    assert (await payments.order(order_id))["evidence"] == "alone"
    assert len(await evidence_said(payments)) == 1
    assert (await payments.issue_file()).status_code == 201
    listens = [c.name for c in CONSUMERS if c.where(payments.doors.settings)]
    assert "evidence" not in listens and "plans" in listens


async def test_an_order_is_cancelled_by_its_officer_before_it_is_in_a_file(
    payments: Payments,
) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})}, pupil_ref=pupil_ref)
    draft = await payments.an_order(plan_id, "m", 1_500, evidence=an_invoice("BACK-1"))
    issued, _, _ = await payments.an_issued_order()
    lines = [
        {"order_id": draft, "reason_code": "entered-by-mistake"},
        {"order_id": draft, "reason_code": "entered-by-mistake"},
        {"order_id": issued, "reason_code": "too-late"},
        {"order_id": "nothing", "reason_code": "unknown"},
    ]
    answers = await payments.doors.lines("/orders/cancellations", lines, by=OFFICER, at=LATER)
    assert [a["code"] for a in answers] == [None, "wrong-move", "wrong-move", "order-unknown"]
    order = await payments.order(draft)
    assert (order["state"], order["cancelled_by"]) == ("cancelled", OFFICER)
    assert (order["cancelled_on"], order["reason_code"]) == ("2021-11-15", "entered-by-mistake")
    assert (await payments.month(pupil_ref))["ordered_cents"] == 0
    kind, fact = (await said(payments, pupil_ref))[-1]
    assert (kind, fact["cents"], fact["version"]) == ("payment-cancelled", 1_500, 2)
    assert (await claim_of(payments, draft))["state"] == "cancelled"
    (own,) = await payments.approve_orders(draft)
    assert own["code"] == "wrong-move"
    again = await payments.an_order(plan_id, "m", 1_500, evidence=an_invoice("BACK-1"))
    assert again != draft, "its evidence may be claimed again"
