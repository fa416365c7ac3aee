"""A partner's allocation: reserved at approval, never exceeded, given back, reserved again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.payments import jobs
from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.money_facts import (
    OFFICE,
    OFFICER,
    a_claim,
    a_closing,
    a_consultation,
    a_deletion,
    a_suspension,
    an_approval,
    an_instalment,
    hours_of_preparation,
    pupil,
)

PARTS = ("allocated", "reserved", "ordered", "settled", "waiting")
MEALS = {"m": ("meals", {"2021-10": 20_000})}


@pytest.mark.feature("M26")
async def test_what_the_allocation_has_no_room_for_is_refused_with_the_missing_sum(
    alone: Payments,
) -> None:
    await alone.allocate("set", 25_000)
    first, second = pupil(), pupil()
    await alone.a_plan(MEALS, pupil_ref=first)
    await alone.a_plan(MEALS, pupil_ref=second)
    (kind, no), (_, yes) = await said(alone, second)
    assert (kind, no["reason_code"]) == ("entitlement-refused", "allocation-used-up")
    assert (no["asked_cents"], no["room_left_cents"], no["missing_cents"]) == (
        20_000,
        5_000,
        15_000,
    )
    assert (yes["reserved_cents"], yes["refused_cents"]) == (5_000, 15_000)
    assert [kind for kind, _ in await said(alone, first)] == ["entitlement-granted"]
    stands = await alone.semester()
    assert (stands["spoken_for_cents"], stands["left_cents"]) == (25_000, 0)
    assert stands["waiting_cents"] == 15_000


async def test_how_allocations_stand_is_told_as_one_picture(alone: Payments) -> None:
    await alone.allocate("set", 25_000)
    plan_id = await alone.a_plan(MEALS)
    await alone.a_plan(MEALS)
    await alone.an_order(plan_id, "m", 4_000)
    noon = datetime(2021, 11, 15, 12, tzinfo=UTC)
    for moment in (noon, noon + timedelta(hours=1)):
        async with alone.doors.database.transaction() as session:
            await jobs.tell_allocations(session, moment)
    *_, (_, before), (kind, told) = await said(alone, f"{OFFICE}/2021-1")
    assert kind == "allocation-stood" and told["version"] > before["version"]
    stands = await alone.semester()
    assert {f"{part}_cents": told[f"{part}_cents"] for part in PARTS} == {
        f"{part}_cents": stands[f"{part}_cents"] for part in PARTS
    }
    assert (told["reserved_cents"], told["ordered_cents"], told["left_cents"]) == (21_000, 4_000, 0)
    assert told["waiting_cents"] == 15_000


@pytest.mark.feature("M26")
async def test_parallel_approvals_reserve_the_allocation_to_the_last_cent(
    alone: Payments,
) -> None:
    await alone.allocate("set", 100_001)

    async def approve(number: int) -> None:
        planned = {"m": ("meals", {"2021-10": 3_000}), "a": ("accommodation", {"2021-10": 4_000})}
        await alone.a_plan(planned, pupil_ref=pupil())

    await asyncio.gather(*(approve(number) for number in range(30)))
    stands = await alone.semester()
    assert (stands["spoken_for_cents"], stands["reserved_cents"]) == (100_001, 100_001)
    assert stands["waiting_cents"] == 30 * 7_000 - 100_001


@pytest.mark.feature("M26")
async def test_parallel_claims_on_free_room_stop_at_the_allocation(alone: Payments) -> None:
    plan_ids = [await alone.a_plan({"m": ("meals", {"2021-10": 100})}) for _ in range(10)]
    await alone.allocate("set", 5_000)

    async def one(plan_id: str) -> dict[str, Any]:
        (answer,) = await alone.claim([a_claim(plan_id, "m", 1_000)])
        return answer

    answers = await asyncio.gather(*(one(plan_id) for plan_id in plan_ids))
    assert sum(a["details"]["cents"] for a in answers if a["status"] == "accepted") == 5_000
    cut = [a for a in answers if a["code"] == "allocation-cut"]
    assert cut, "who came last got only what was reserved for it"
    details = cut[-1]["details"]
    assert details["missing_cents"] == 1_000 - details["cents"]
    stands = await alone.semester()
    assert (stands["ordered_cents"], stands["left_cents"]) == (5_000, 0)


async def test_a_claim_above_the_allocation_follows_the_rule_of_partial_payment(
    alone: Payments,
) -> None:
    plan_id = await alone.a_plan({"m": ("meals", {"2021-10": 1_000})})
    await alone.allocate("set", 1_200)
    await alone.set_parameter("partial_payment", "refuse", since="2021-11-01")
    (refused,) = await alone.claim([a_claim(plan_id, "m", 1_500)])
    assert (refused["status"], refused["code"]) == ("refused", "allocation-too-small")
    assert refused["details"]["missing_cents"] == 300
    (whole,) = await alone.claim([a_claim(plan_id, "m", 1_200)])
    assert whole["details"]["cents"] == 1_200
    (none,) = await alone.claim([a_claim(plan_id, "m", 1)])
    assert (none["code"], none["details"]["missing_cents"]) == ("allocation-used-up", 1)
    assert "0.01 EUR are missing" in none["message"]


async def test_where_the_rule_asks_for_an_allocation_nothing_is_promised_without(
    alone: Payments,
) -> None:
    await alone.a_plan(MEALS)
    await alone.set_parameter("allocation_required", True, place=OFFICE, since="2021-09-01")
    pupil_ref = pupil()
    plan_id = await alone.a_plan(MEALS, pupil_ref=pupil_ref)
    (_, no), _ = await said(alone, pupil_ref)
    assert (no["reason_code"], no["missing_cents"]) == ("allocation-not-set", 20_000)
    (answer,) = await alone.claim([a_claim(plan_id, "m", 100)])
    assert (answer["status"], answer["code"]) == ("refused", "allocation-not-set")
    assert (await alone.semester())["spoken_for_cents"] == 20_000


async def test_an_increase_reserves_nothing_by_itself_and_first_approved_comes_first(
    alone: Payments,
) -> None:
    await alone.allocate("set", 5_000)
    pupils = [pupil() for _ in range(3)]
    plan_ids = []
    for day, pupil_ref in zip((3, 2, 1), pupils, strict=True):
        fact = an_approval(pupil_ref, f"waits-{pupil_ref[-6:]}", MEALS)
        await alone.hear(fact, at=f"2021-09-0{day}T09:00:00+00:00")
        plan_ids.append(fact.plan_id)
    await alone.allocate("increase", 30_000)
    assert (await alone.semester())["left_cents"] == 30_000
    again = await alone.reserve_again()
    assert again == {
        "plans": 2,
        "reserved_cents": 30_000,
        "waiting_cents": 25_000,
        "more_plans": False,
    }
    reserved = [(await alone.month(one))["reserved_cents"] for one in pupils]
    assert reserved == [5_000, 10_000, 20_000], "approved last, second, first"
    kind, added = (await said(alone, pupils[1]))[-1]
    assert (kind, added["added_cents"], added["missing_cents"]) == (
        "entitlement-added",
        10_000,
        10_000,
    )
    assert added["rooms"][0]["reserved_cents"] == 10_000
    assert (await alone.reserve_again())["reserved_cents"] == 0


async def test_what_waits_no_longer_is_not_reserved_again(alone: Payments) -> None:
    await alone.allocate("set", 1_000)
    pupil_ref = pupil()
    plan_id = await alone.a_plan(MEALS, pupil_ref=pupil_ref)
    ended = pupil()
    ended_plan = await alone.a_plan(MEALS, pupil_ref=ended)
    await alone.hear(a_suspension(ended, ended_plan, on="2021-10-01"))
    await alone.allocate("increase", 50_000)
    await alone.an_order(plan_id, "m", 18_000)
    again = await alone.reserve_again()
    assert again["reserved_cents"] == 2_000, "planned 200.00, of it 180.00 ordered by now"
    assert (await alone.month(ended))["reserved_cents"] == 0


async def test_preparation_and_consultations_count_but_grants_do_not(alone: Payments) -> None:
    pupil_ref = pupil()
    planned = {"c": ("consultation", {"2021-10": 3_000})}
    await alone.set_parameter("cap_scope", "compensations", since="2021-09-01")
    plan_id = await alone.a_plan(planned, pupil_ref=pupil_ref)
    await alone.hear(a_consultation(pupil_ref, plan_id, "c-1", on="2021-10-05", measure_id="c"))
    await alone.hear(hours_of_preparation(pupil_ref, plan_id, 360))
    await alone.allocate("set", 5_000)
    talk = {"kind": "consultation", "consultation_id": "c-1"}
    work = {"kind": "preparation"}
    spoken, prepared = await alone.claim(
        [
            a_claim(plan_id, "c", 3_000, evidence=talk),
            a_claim(plan_id, "preparation", 6_000, month=None, evidence=work),
        ]
    )
    assert spoken["details"]["cents"] == 3_000
    assert (prepared["code"], prepared["details"]["cents"]) == ("allocation-cut", 2_000)
    assert (await alone.semester())["left_cents"] == 0
    await alone.hear(an_instalment("grant-1", 1, 414_000))
    assert [kind for kind, _ in await said(alone, "grant-1")] == ["payment-ordered"]
    assert (await alone.semester())["spoken_for_cents"] == 5_000


async def test_every_way_back_gives_the_allocation_its_money_back(alone: Payments) -> None:
    await alone.allocate("set", 100_000)
    returned, _, _ = await alone.an_issued_order(4_000)
    settled, plan_id, pupil_ref = await alone.an_issued_order(4_000)
    await alone.report(returned, "returned")
    await alone.report(settled, "settled")
    assert (await alone.semester())["settled_cents"] == 4_000
    back = {"order_id": settled, "cents": 1_500, "booked_on": "2021-11-18", "reason_code": "error"}
    path = f"/offices/{OFFICE}/recoveries"
    lines = [back | {"recovery_id": "r-1"}, back | {"recovery_id": "r-2", "cents": 500}]
    answers = await alone.doors.lines(path, [*lines, lines[0]], by=OFFICER)
    assert [a["code"] for a in answers] == [None, None, "recovery-repeated"]
    stands = await alone.semester()
    assert (stands["spoken_for_cents"], stands["settled_cents"]) == (2_000, 2_000)
    for end in (a_suspension, a_closing):
        other = pupil()
        other_plan = await alone.a_plan(MEALS, pupil_ref=other)
        assert (await alone.semester())["spoken_for_cents"] == 22_000
        await alone.hear(end(other, other_plan, on="2021-10-10"))
        assert (await alone.semester())["spoken_for_cents"] == 2_000
    other = pupil()
    other_plan = await alone.a_plan(MEALS, pupil_ref=other)
    await alone.hear(a_deletion(other, other_plan))
    assert (await alone.semester())["spoken_for_cents"] == 2_000
    revised = an_approval(pupil_ref, plan_id, {"m": ("meals", {"2021-10": 9_000})}, plan_version=2)
    await alone.hear(revised)
    assert (await alone.semester())["spoken_for_cents"] == 9_000
