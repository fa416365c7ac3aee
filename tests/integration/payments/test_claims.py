"""Claims through the door: what is ordered, what is cut, what is refused and why."""

import asyncio
from typing import Any

import pytest

from shared.registers import keep_parameters
from tests.builders_payments import Payments
from tests.doors import told
from tests.money_facts import (
    LATER,
    OFFICE,
    OFFICER,
    STRANGER,
    TEACHER,
    a_claim,
    a_suspension,
    an_approval,
    pupil,
    the_project_ends,
)

MEALS_AND_MORE = {
    "m": ("meals", {"2021-10": 4_000}),
    "s": ("special_transport", {"2021-10": 26_000}),
    "p": ("personal_items", {"2021-10": 1}),
}


@pytest.mark.feature("M2")
@pytest.mark.feature("M4")
@pytest.mark.feature("N1")
async def test_the_ceiling_of_sigulda_is_kept_to_the_cent(payments: Payments) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan(MEALS_AND_MORE, pupil_ref=pupil_ref)
    answers = await payments.claim(
        [a_claim(plan_id, "m", 4_000), a_claim(plan_id, "s", 26_000), a_claim(plan_id, "p", 1)]
    )
    meals, transport, items = answers
    assert (meals["status"], meals["details"]["room_left_cents"]) == ("accepted", 26_000)
    assert (transport["status"], transport["details"]["room_left_cents"]) == ("accepted", 0)
    assert (items["status"], items["code"]) == ("refused", "ceiling-used-up")
    assert items["message"] == "monthly ceiling of 300.00 EUR is used up"
    assert items["details"]["explanation"]["sentence_en"] == (
        "of 300.00 EUR in October 260.00 used by special transport, 40.00 used by meals, 0.00 left"
    )
    kept = await payments.doors.get(f"/claims/{items['id']}", by=TEACHER)
    assert kept.json()["code"] == "ceiling-used-up"


async def test_a_month_is_explained_with_what_is_reserved(payments: Payments) -> None:
    pupil_ref = pupil()
    planned = {"a": ("accommodation", {"2021-10": 21_240}), "m": ("meals", {"2021-10": 6_000})}
    plan_id = await payments.a_plan(planned, pupil_ref=pupil_ref)
    await payments.an_order(plan_id, "a", 21_240)
    month = await payments.month(pupil_ref)
    assert month["sentence_en"] == (
        "of 300.00 EUR in October 212.40 used by accommodation, 60.00 reserved for meals, "
        "27.60 left"
    )
    assert month["sentence_lv"].startswith("no 300,00 EUR oktobrī 212,40")
    assert (month["room_left_cents"], month["free_cents"]) == (8_760, 2_760)


@pytest.mark.feature("M4")
async def test_a_month_that_was_not_planned_is_explained_by_who_holds_it(
    payments: Payments,
) -> None:
    pupil_ref = pupil()
    await payments.a_plan({"m": ("meals", {"2021-10": 30_000})}, pupil_ref=pupil_ref)
    november = {"t": ("personal_items", {"2021-11": 1_000})}
    other = await payments.a_plan(november, pupil_ref=pupil_ref)
    (refused,) = await payments.claim([a_claim(other, "t", 500)])
    assert refused["code"] == "ceiling-reserved"
    assert refused["details"]["explanation"]["sentence_en"] == (
        "of 300.00 EUR in October 300.00 reserved for meals, 0.00 left"
    )
    month = await payments.month(pupil_ref)
    assert (month["ordered_cents"], month["reserved_cents"]) == (0, 30_000)


@pytest.mark.feature("D1")
async def test_a_claim_above_the_room_is_cut_to_it(payments: Payments) -> None:
    planned = {"m": ("meals", {"2021-10": 5_000}), "s": ("special_transport", {"2021-10": 20_000})}
    plan_id = await payments.a_plan(planned)
    (answer,) = await payments.claim([a_claim(plan_id, "m", 12_345)])
    assert answer["status"] == "accepted"
    assert answer["details"]["cents"] == 10_000, "its own 50.00 reserved and 50.00 free"
    assert (answer["code"], answer["details"]["cut_cents"]) == ("ceiling-cut", 2_345)


async def test_where_the_rule_says_refuse_nothing_is_cut(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})})
    await payments.set_parameter("partial_payment", "refuse", since="2021-11-01")
    (answer,) = await payments.claim([a_claim(plan_id, "m", 30_001)])
    await payments.set_parameter("partial_payment", "cut", since="2021-11-01")
    assert (answer["status"], answer["code"]) == ("refused", "ceiling-too-small")
    assert "300.00 EUR" in answer["message"]


@pytest.mark.feature("M3")
@pytest.mark.feature("D5")
async def test_fifty_claims_at_once_order_exactly_the_ceiling(payments: Payments) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 1_000})}, pupil_ref=pupil_ref)

    async def one(number: int) -> dict[str, Any]:
        (answer,) = await payments.claim([a_claim(plan_id, "m", 4_000, claim_id=f"c50-{number}")])
        return answer

    answers = await asyncio.gather(*(one(number) for number in range(50)))
    ordered = sorted(a["details"]["cents"] for a in answers if a["status"] == "accepted")
    assert ordered == [2_000, *[4_000] * 7]
    refused = [a for a in answers if a["status"] == "refused"]
    assert len(refused) == 42
    assert {a["code"] for a in refused} == {"ceiling-used-up"}
    assert all("used by meals" in a["details"]["explanation"]["sentence_en"] for a in refused)
    month = await payments.month(pupil_ref)
    assert (month["ordered_cents"], month["free_cents"]) == (30_000, 0)


@pytest.mark.feature("M1")
@pytest.mark.feature("D2")
async def test_only_a_plan_in_force_on_the_day_of_service_pays(payments: Payments) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})}, pupil_ref=pupil_ref)
    await payments.hear(a_suspension(pupil_ref, plan_id, on="2021-10-15"))
    before = a_claim(plan_id, "m", 100, month=None, service_date="2021-10-14")
    after = a_claim(plan_id, "m", 100, month=None, service_date="2021-10-15")
    unknown = a_claim("no-plan", "m", 100)
    not_planned = a_claim(plan_id, "x", 100)
    answers = await payments.claim([before, after, unknown, not_planned])
    assert [a["code"] for a in answers] == [
        None,
        "plan-not-in-force",
        "plan-unknown",
        "measure-not-in-plan",
    ]
    kept = await payments.doors.get(f"/claims/{answers[0]['id']}", by=TEACHER)
    assert kept.json()["order"]["service_date"] == "2021-10-14"


async def test_nothing_is_paid_before_it_is_delivered(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})})
    november = a_claim(plan_id, "m", 100, month=None, service_date="2021-11-16")
    december = a_claim(plan_id, "m", 100, month="2021-12")
    contradiction = a_claim(plan_id, "m", 100, service_date="2021-11-02")
    undated = a_claim(plan_id, "m", 100, month=None)
    answers = await payments.claim([november, december, contradiction, undated])
    assert [a["code"] for a in answers] == [
        "service-in-future",
        "service-in-future",
        "month-differs",
        "service-day-missing",
    ]


@pytest.mark.feature("M31")
async def test_another_office_may_neither_claim_nor_see(payments: Payments) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})}, pupil_ref=pupil_ref)
    order_id = await payments.an_order(plan_id, "m", 100)
    (answer,) = await payments.claim([a_claim(plan_id, "m", 100)], by=STRANGER)
    assert answer["code"] == "outside-your-organisation"
    doors = payments.doors
    for path in (f"/orders/{order_id}", f"/pupil-months/{pupil_ref}/2021-10"):
        assert (await doors.get(path, by=STRANGER)).status_code == 403
    listed = await doors.get("/orders", by=STRANGER, partner=OFFICE)
    assert (listed.status_code, listed.json()["code"]) == (403, "outside-your-organisation")
    own = await doors.get("/orders", by=OFFICER, partner=OFFICE, state="draft", limit=1)
    assert len(own.json()["orders"]) == 1 and own.json()["next"]


@pytest.mark.feature("M5")
async def test_a_thousand_lines_with_ten_bad_ones_are_all_answered(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 30_000})})
    lines = [a_claim(plan_id, "m", 10) for _ in range(1_000)]
    for number in range(0, 1_000, 100):
        lines[number] |= {"cents": 10.5}
    answers = await payments.claim(lines)
    assert len(answers) == 1_000
    bad = [a for a in answers if a["status"] == "refused"]
    assert [(a["line"], a["code"], a["field"]) for a in bad] == [
        (number + 1, "invalid", "cents") for number in range(0, 1_000, 100)
    ]


async def test_on_error_stop_keeps_nothing(payments: Payments) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})}, pupil_ref=pupil_ref)
    lines = [a_claim(plan_id, "m", 100), a_claim(plan_id, "x", 100)]
    answer = await payments.doors.send(
        "/claims", {"lines": lines}, by=TEACHER, at="2021-11-15", on_error="stop"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "bulk-stopped")
    assert (await payments.month(pupil_ref))["ordered_cents"] == 0


@pytest.mark.feature("M11")
async def test_a_repeated_command_orders_once(payments: Payments) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})}, pupil_ref=pupil_ref)
    claim = a_claim(plan_id, "m", 700, claim_id="once-1")
    body = {"lines": [claim]}
    first = await payments.doors.send("/claims", body, by=TEACHER, at="2021-11-15", key="k-1")
    again = await payments.doors.send("/claims", body, by=TEACHER, at="2021-11-15", key="k-1")
    assert first.content == again.content
    (line,) = (await payments.doors.send("/claims", body, by=TEACHER, at=LATER)).json()["lines"]
    order_id = first.json()["lines"][0]["details"]["order_id"]
    assert (line["status"], line["details"]["order_id"]) == ("accepted", order_id)
    (changed,) = await payments.claim([claim | {"cents": 701}])
    assert changed["code"] == "claim-repeated"
    assert (await payments.month(pupil_ref))["ordered_cents"] == 700


async def test_nothing_is_paid_after_the_project_ended(payments: Payments) -> None:
    long_plan = an_approval(
        pupil(), "late-plan", {"m": ("meals", {"2023-01": 100})}, valid=("2022-09-01", "2023-05-31")
    )
    await payments.hear(long_plan)
    async with payments.doors.database.transaction() as session:
        await keep_parameters(session, [told(the_project_ends("2022-12-31"))])
    (answer,) = await payments.claim(
        [a_claim("late-plan", "m", 100, month="2023-01")], at="2023-02-01"
    )
    assert (answer["code"], answer["details"]["end"]) == ("project-ended", "2022-12-31")


@pytest.mark.feature("D8")
async def test_what_a_bank_would_choke_on_is_refused_with_code_and_line(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})})
    lines = [
        a_claim(plan_id, "m", 100, claim_id="same-id"),
        a_claim(plan_id, "m", 0),
        a_claim(plan_id, "m", 100, claim_id="same-id"),
        a_claim(plan_id, "m", -5),
    ]
    answers = await payments.claim(lines)
    assert [(a["line"], a["code"]) for a in answers] == [
        (1, None),
        (2, "invalid"),
        (3, "claim-repeated"),
        (4, "invalid"),
    ]
    payee = {
        "partner": OFFICE,
        "kind": "parent",
        "name": "Anna",
        "account": "LV00HABA0000000000001",
    }
    (bad,) = await payments.doors.lines("/payees", [payee], by=TEACHER)
    assert (bad["line"], bad["code"], bad["field"]) == (1, "bad-iban", "account")
