"""Money of plans as it is shown: planned, used, and the months of a pupil over all plans."""

from typing import Any

import pytest

from shared.contracts.payments import (
    EntitlementAdded,
    EntitlementGranted,
    EntitlementRefused,
    MonthRoom,
    PayeeKind,
    PaymentCancelled,
    PaymentOrdered,
    PaymentReturned,
)
from tests.builders_plan_places import TEACHER, TOWN, pupil_ref, said, tell
from tests.builders_plans import a_measure, approved, drafted, kept, shown
from tests.doors import Doors


def about(number: int, plan_id: str) -> dict[str, Any]:
    """What facts of payments about a pupil's plan begin with."""
    return {
        "about_key": pupil_ref(number),
        "partner": TOWN,
        "municipality_id": TOWN,
        "plan_id": plan_id,
    }


def an_order(number: int, draft: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An order of 35.00 for meals of October."""
    return (
        about(number, draft["id"])
        | {
            "order_id": f"order-{number}",
            "version": 1,
            "claim_id": "claim",
            "plan_version": 1,
            "project_id": None,
            "measure_id": draft["details"]["measures"][1],
            "pupil_ref": pupil_ref(number),
            "school_id": "school-one",
            "semester": "2017-1",
            "support_type": "meals",
            "month": "2017-10",
            "service_date": "2017-10-02",
            "cents": 3500,
            "esf_cents": 2975,
            "state_cents": 525,
            "payee_kind": PayeeKind.PROVIDER,
        }
        | more
    )


@pytest.mark.feature("P12")
async def test_planned_money_is_shown_with_and_without_preparation_beside_what_was_used(
    plans: Doors,
) -> None:
    draft = await approved(plans, 20)
    meals = draft["details"]["measures"][1]
    order = an_order(20, draft)
    ordered = PaymentOrdered(**order)
    preparation = an_order(20, draft, order_id="prep", measure_id=None, cents=1600)
    await tell(plans, ordered, ordered, PaymentOrdered(**preparation))
    plan = await shown(plans, draft["id"])
    assert plan["state"] == "in_implementation"
    assert plan["finance"] == {
        "planned_cents": 4 * 7200,
        "preparation_cents_max": 4800,
        "planned_with_preparation_cents": 4 * 7200 + 4800,
        "used_cents": 5100,
        "used_by_measure": {meals: 3500, "preparation": 1600},
    }
    returned = PaymentReturned(
        **(order | {"version": 2}), booked_on="2017-10-09", reason_code="AC04"
    )
    await tell(plans, returned, returned)
    assert (await shown(plans, draft["id"]))["finance"]["used_cents"] == 1600
    told = [kind for kind, _ in await said(plans, pupil_ref(20))]
    assert told.count("plan-begun") == 1


async def test_an_order_taken_back_before_it_was_paid_is_not_used(plans: Doors) -> None:
    draft = await approved(plans, 29)
    order = an_order(29, draft)
    cancelled = PaymentCancelled(
        **(order | {"version": 2}), cancelled_on="2017-10-09", reason_code="evidence-paid-elsewhere"
    )
    await tell(plans, PaymentOrdered(**order), cancelled, cancelled)
    assert (await shown(plans, draft["id"]))["finance"]["used_cents"] == 0


def a_reservation(number: int, draft: dict[str, Any]) -> EntitlementGranted:
    """Payments reserved the plan and tells how October stands under a ceiling of 300.00."""
    october = MonthRoom(month="2017-10", cap_cents=30000, reserved_cents=7200, ordered_cents=0)
    return EntitlementGranted(
        **about(number, draft["id"]),
        plan_version=1,
        reserved_cents=28800,
        refused_cents=0,
        rooms=(october,),
    )


@pytest.mark.feature("P13")
async def test_the_meter_warns_over_all_plans_of_a_pupil_by_what_payments_told(
    plans: Doors,
) -> None:
    draft = await approved(plans, 21)
    await tell(plans, a_reservation(21, draft))
    content = {
        "risks": [{"group": "R3", "justification": "no means"}],
        "measures": [a_measure("special_transport", 30001)],
    }
    revision = {"plan_id": draft["id"], "content": content}
    kept(await plans.lines("/plans/revisions", [revision], by=TEACHER, at="2017-10-02"))
    months = (await plans.get(f"/pupils/{pupil_ref(21)}/months", by=TEACHER)).json()["months"]
    october = next(one for one in months if one["month"] == "2017-10")
    assert (october["planned_cents"], october["cap_cents"], october["over"]) == (
        30001,
        30000,
        True,
    )
    warning = {"code": "over-ceiling", "month": "2017-10"}
    sums = {"planned_cents": 30001, "cap_cents": 30000}
    assert warning | sums in (await shown(plans, draft["id"]))["warnings"]


@pytest.mark.feature("P13")
async def test_a_ceiling_told_for_one_pupil_warns_for_others_in_that_month_only(
    plans: Doors,
) -> None:
    await tell(plans, a_reservation(22, await approved(plans, 22)))
    other = await drafted(plans, 23, a_measure("special_transport", 30001))
    codes = [(one["code"], one.get("month")) for one in other["details"]["warnings"]]
    assert ("over-ceiling", "2017-10") in codes
    assert ("over-ceiling", "2017-11") not in codes, "nothing was told of November"


async def test_months_that_payments_refused_are_shown_once(plans: Doors) -> None:
    draft = await approved(plans, 24)
    refused = EntitlementRefused(
        **about(24, draft["id"]),
        plan_version=1,
        measure_id=draft["details"]["measures"][1],
        month="2017-12",
        reason_code="allocation-used-up",
        asked_cents=4000,
        room_left_cents=1000,
        missing_cents=3000,
    )
    await tell(plans, a_reservation(24, draft), a_reservation(24, draft), refused, refused)
    reservations = (await shown(plans, draft["id"]))["reservations"]
    assert reservations["reserved_cents"] == 28800
    assert [one["month"] for one in reservations["refused_months"]] == ["2017-12"]
    (month,) = reservations["refused_months"]
    assert (month["reason_code"], month["missing_cents"]) == ("allocation-used-up", 3000)


async def test_a_refused_month_that_fits_after_all_is_refused_no_longer(plans: Doors) -> None:
    draft = await approved(plans, 25)
    plan_id, measure_id = draft["id"], draft["details"]["measures"][1]
    granted = a_reservation(25, draft).model_copy(
        update={"reserved_cents": 25800, "refused_cents": 3000}
    )
    refused = EntitlementRefused(
        **about(25, plan_id),
        plan_version=1,
        measure_id=measure_id,
        month="2017-12",
        reason_code="allocation-used-up",
        asked_cents=4000,
        room_left_cents=1000,
        missing_cents=3000,
    )
    await tell(plans, refused, granted)

    def added(cents: int, missing: int) -> EntitlementAdded:
        room = MonthRoom(month="2017-12", cap_cents=30000, reserved_cents=4000, ordered_cents=0)
        return EntitlementAdded(
            **about(25, plan_id),
            plan_version=1,
            measure_id=measure_id,
            month="2017-12",
            added_cents=cents,
            missing_cents=missing,
            rooms=(room,),
        )

    await tell(plans, added(2000, 1000))
    part = (await shown(plans, plan_id))["reservations"]
    assert (part["reserved_cents"], part["refused_cents"]) == (27800, 1000)
    assert [one["missing_cents"] for one in part["refused_months"]] == [1000]
    await tell(plans, added(1000, 0), added(1000, 0))
    whole = (await shown(plans, plan_id))["reservations"]
    assert (whole["reserved_cents"], whole["refused_cents"]) == (28800, 0)
    assert whole["refused_months"] == []
