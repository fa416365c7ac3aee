"""Claims held against days: calendars, absence, suspension, practice, and days claimed before."""

import asyncio
from typing import Any

import pytest

from shared.registers import keep_semesters
from tests.builders_days import (
    LATER,
    MEALS,
    an_autumn_plan,
    claim_in_december,
    in_month,
    on_days,
    reasons,
)
from tests.builders_payments import Payments
from tests.doors import told
from tests.money_facts import (
    OFFICE,
    OFFICER,
    a_calendar,
    a_claim,
    a_suspension,
    a_ticket,
    an_invoice,
    days_marked,
    practice_ended,
    practice_ordered,
    pupil,
)


@pytest.mark.feature("M28")
@pytest.mark.feature("N6")
async def test_no_meal_is_paid_on_a_day_without_school_or_without_the_pupil(
    payments: Payments,
) -> None:
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref)
    await payments.hear(days_marked(ref, "2022-10-04"))
    wrong = ["2022-10-01", "2022-10-04", "2022-10-24"]
    none, some = await claim_in_december(
        payments,
        on_days(plan_id, *wrong),
        on_days(plan_id, *wrong, "2022-10-05", cents=1_001),
    )
    why = {"2022-10-01": "weekend", "2022-10-04": "absent", "2022-10-24": "break"}
    assert (none["status"], none["code"], reasons(none)) == ("refused", "days-refused", why)
    assert none["details"]["days"][1]["message_en"] == "the pupil was marked absent"
    assert "2022-10-04 (skolēns nebija skolā)" in none["details"]["message_lv"]
    assert (some["status"], some["code"], reasons(some)) == ("accepted", "days-cut", why)
    assert (some["details"]["cents"], some["details"]["cut_cents"]) == (250, 751)
    month = await payments.month(ref, "2022-10")
    assert month["ordered_cents"] == 250
    order = await payments.order(some["details"]["order_id"])
    assert order["service_date"] == "2022-10-05"
    (holiday,) = await claim_in_december(
        payments, a_claim(plan_id, "m", 100, month=None, service_date="2022-11-18")
    )
    assert reasons(holiday) == {"2022-11-18": "day_off"}


@pytest.mark.feature("M28")
async def test_where_the_rule_says_refuse_a_claim_with_one_bad_day_is_refused_whole(
    payments: Payments,
) -> None:
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref)
    await payments.set_parameter("partial_payment", "refuse", since="2022-11-30")
    (answer,) = await claim_in_december(payments, on_days(plan_id, "2022-10-01", "2022-10-03"))
    await payments.set_parameter("partial_payment", "cut", since="2022-11-30")
    assert (answer["status"], answer["code"]) == ("refused", "days-partly-refused")
    assert (await payments.month(ref, "2022-10"))["ordered_cents"] == 0


@pytest.mark.feature("M28")
@pytest.mark.feature("N6")
async def test_a_month_pays_no_more_meals_than_it_had_days(payments: Payments) -> None:
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref)
    await payments.hear(days_marked(ref, "2022-10-03"))
    cut, more = await claim_in_december(
        payments, in_month(plan_id, 20, 2_000), in_month(plan_id, 1, 100)
    )
    # October 2022 has 21 working days, 5 of them in the break, and on one the pupil was away.
    assert (cut["status"], cut["code"], cut["details"]["cents"]) == ("accepted", "days-cut", 1_500)
    assert (more["status"], more["code"]) == ("refused", "days-refused")
    assert set(reasons(more).values()) == {"weekend", "break", "absent", "already_claimed"}


@pytest.mark.feature("M28")
async def test_the_same_meal_is_paid_once_whoever_claims_it(payments: Payments) -> None:
    plan_id = await an_autumn_plan(payments, pupil())
    tuesday = on_days(plan_id, "2022-10-11")
    assert (await claim_in_december(payments, tuesday))[0]["status"] == "accepted"
    again, both = await claim_in_december(
        payments,
        tuesday | {"evidence": an_invoice() | {"issuer": "another caterer"}},
        on_days(plan_id, "2022-10-11", "2022-10-12", evidence=an_invoice()),
    )
    assert (again["code"], reasons(again)) == ("days-refused", {"2022-10-11": "already_claimed"})
    assert (both["code"], both["details"]["cents"]) == ("days-cut", 500)
    twice, bad = await claim_in_december(
        payments,
        on_days(plan_id, "2022-10-13", "2022-10-13"),
        on_days(plan_id, "2022-10-13", service_date="2022-10-13"),
    )
    assert (twice["code"], bad["code"]) == ("invalid", "invalid")


@pytest.mark.feature("M28")
async def test_two_caterers_who_claim_one_day_at_once_are_paid_once(payments: Payments) -> None:
    plan_id = await an_autumn_plan(payments, pupil())
    lines = [on_days(plan_id, "2022-10-11", evidence=an_invoice()) for _ in range(6)]
    answers = await asyncio.gather(*(claim_in_december(payments, line) for line in lines))
    assert sorted(str(answer[0]["code"]) for answer in answers) == ["None", *["days-refused"] * 5]


async def test_a_day_that_was_only_assumed_makes_room_for_one_that_is_named(
    payments: Payments,
) -> None:
    plan_id = await an_autumn_plan(payments, pupil())
    fifteen, first, last = await claim_in_december(
        payments,
        in_month(plan_id, 15, 1_500),
        on_days(plan_id, "2022-10-03", cents=100),
        on_days(plan_id, "2022-10-04", cents=100),
    )
    assert [answer["code"] for answer in (fifteen, first)] == [None, None]
    assert reasons(last) == {"2022-10-04": "already_claimed"}, "sixteen days are all there are"


@pytest.mark.feature("M28")
async def test_a_returned_order_gives_its_days_back(payments: Payments) -> None:
    plan_id = await an_autumn_plan(payments, pupil())
    line = on_days(plan_id, "2022-10-11")
    (answer,) = await claim_in_december(payments, line)
    cancellation = {"order_id": answer["details"]["order_id"], "reason_code": "by-mistake"}
    (done,) = await payments.doors.lines(
        "/orders/cancellations", [cancellation], by=OFFICER, at=LATER
    )
    assert done["status"] == "accepted", done
    assert (await claim_in_december(payments, line))[0]["code"] is None


@pytest.mark.feature("M1")
@pytest.mark.feature("N6")
async def test_days_of_suspension_and_outside_the_plan_are_named_as_such(
    payments: Payments,
) -> None:
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref, valid=("2022-10-05", "2022-10-21"))
    await payments.hear(a_suspension(ref, plan_id, on="2022-10-18"))
    days = ("2022-10-04", "2022-10-05", "2022-10-17", "2022-10-18")
    (answer,) = await claim_in_december(payments, on_days(plan_id, *days))
    assert reasons(answer) == {
        "2022-10-04": "plan_not_in_force",
        "2022-10-18": "plan_suspended",
    }
    assert answer["details"]["cents"] == 500
    early, mixed = await claim_in_december(
        payments,
        on_days(plan_id, "2022-10-06", "2022-12-02"),
        on_days(plan_id, "2022-10-06", "2022-11-02"),
        at="2022-10-10",
    )
    assert (early["code"], mixed["code"]) == ("days-in-two-months", "days-in-two-months")


@pytest.mark.feature("N6")
async def test_a_practice_order_opens_meals_bed_and_ticket_on_days_without_lessons(
    payments: Payments,
) -> None:
    ref = pupil()
    planned = MEALS | {
        "b": ("accommodation", {"2022-10": 5_000}),
        "t": ("public_transport", {"2022-10": 1_000}),
        "s": ("special_transport", {"2022-10": 1_000}),
    }
    plan_id = await an_autumn_plan(payments, ref, planned)

    def lines(day: str) -> list[dict[str, Any]]:
        at = {"month": None, "service_date": day}
        return [
            a_claim(plan_id, "m", 100, **at),
            a_claim(plan_id, "b", 100, **at),
            a_claim(plan_id, "t", 100, **at, evidence=a_ticket()),
            a_claim(plan_id, "s", 100, **at, evidence=a_ticket()),
        ]

    closed = await claim_in_december(payments, *lines("2022-10-25"))
    assert [answer["code"] for answer in closed] == ["days-refused"] * 4
    await payments.hear(practice_ordered(ref, plan_id, "2022-10-24", "2022-10-30"))
    await payments.hear(practice_ended(ref, plan_id, "2022-10-29"))
    opened = await claim_in_december(payments, *lines("2022-10-25"))
    assert [answer["code"] for answer in opened] == [None, None, None, "days-refused"]
    (ended,) = await claim_in_december(payments, lines("2022-10-29")[0])
    assert reasons(ended) == {"2022-10-29": "weekend"}


@pytest.mark.feature("N6")
async def test_a_ticket_home_on_a_weekend_is_paid_and_one_on_a_day_away_is_not(
    payments: Payments,
) -> None:
    ref = pupil()
    plan_id = await an_autumn_plan(payments, ref, {"t": ("public_transport", {"2022-10": 3_000})})
    await payments.hear(days_marked(ref, "2022-10-12"))

    def ticket(day: str) -> dict[str, Any]:
        return a_claim(plan_id, "t", 300, month=None, service_date=day, evidence=a_ticket())

    answers = await claim_in_december(
        payments, *map(ticket, ("2022-10-09", "2022-10-12", "2022-10-26"))
    )
    assert [answer["code"] for answer in answers] == [None, "days-refused", "days-refused"]
    plan_id = await an_autumn_plan(
        payments, pupil(), {"t": ("public_transport", {"2022-10": 3_000})}, school_id="strict"
    )
    bound = {"public_transport": ["weekend"]}
    await payments.set_parameter("calendar_bound_types", bound, place="strict")
    sunday, off = await claim_in_december(
        payments, ticket("2022-10-16"), ticket("2022-10-26"), by=OFFICER
    )
    assert (reasons(sunday), off["code"]) == ({"2022-10-16": "weekend"}, None)


async def test_days_of_which_no_calendar_is_known_are_paid_unless_one_is_required(
    payments: Payments,
) -> None:
    planned = {"m": ("meals", {"2019-10": 5_000})}
    when = {"valid": ("2019-09-02", "2019-12-20"), "approved_on": "2019-09-02"}
    plan_id = await an_autumn_plan(payments, pupil(), planned, **when)
    monday, sunday = await claim_in_december(
        payments, on_days(plan_id, "2019-10-07"), on_days(plan_id, "2019-10-06")
    )
    assert (monday["code"], sunday["code"]) == (None, "days-refused")
    plan_id = await an_autumn_plan(payments, pupil(), planned, school_id="careful", **when)
    await payments.set_parameter("calendar_required", True, place="careful")
    (tuesday,) = await claim_in_december(payments, on_days(plan_id, "2019-10-08"), by=OFFICER)
    assert reasons(tuesday) == {"2019-10-08": "calendar_unknown"}


async def test_a_place_may_ask_for_days_and_counts_of_days_must_agree(payments: Payments) -> None:
    plan_id = await an_autumn_plan(payments, pupil(), school_id="exact")
    await payments.set_parameter("days_needed_types", ["meals"], place="exact")
    await payments.set_parameter("unit_cents_max", {"meals": 200}, place="exact")
    bare, odd, dear, right = await claim_in_december(
        payments,
        a_claim(plan_id, "m", 100, month="2022-10"),
        on_days(plan_id, "2022-10-11", cents=100, evidence=an_invoice() | {"quantity": 3}),
        on_days(plan_id, "2022-10-11", "2022-10-12", cents=401),
        on_days(plan_id, "2022-10-11", "2022-10-12", cents=400),
        by=OFFICER,
    )
    assert (bare["code"], bare["details"]["missing"]) == ("evidence-incomplete", "quantity")
    assert odd["code"] == "quantity-differs"
    assert (dear["code"], right["code"]) == ("above-unit-rate", None)


async def test_a_grade_and_a_municipality_may_have_days_of_their_own(payments: Payments) -> None:
    longer = a_calendar(
        "2022-2",
        "2023-01-09",
        "2023-05-31",
        municipality_id=OFFICE,
        grades=[{"programme": "general", "grade": 9, "last_day": "2023-06-14"}],
    )
    async with payments.doors.database.transaction() as session:
        await keep_semesters(session, [told(longer)])
    planned = {"m": ("meals", {"2023-06": 2_000})}
    when = {"valid": ("2023-01-09", "2023-06-30"), "approved_on": "2023-01-09"}
    ninth = await an_autumn_plan(payments, pupil(), planned, grade=9, **when)
    eighth = await an_autumn_plan(payments, pupil(), planned, grade=8, **when)
    lines = [on_days(plan_id, "2023-06-07") for plan_id in (ninth, eighth)]
    one, other = await claim_in_december(payments, *lines, at="2023-06-20")
    assert (one["code"], reasons(other)) == (None, {"2023-06-07": "outside_semester"})
