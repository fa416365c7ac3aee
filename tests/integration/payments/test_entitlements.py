"""What facts about plans reserve under the ceiling, free again, and answer."""

import pytest

from tests.builders_payments import Payments
from tests.integration.payments.outbox import said
from tests.money_facts import (
    TEACHER,
    a_claim,
    a_closing,
    a_deletion,
    a_suspension,
    an_approval,
    pupil,
)


async def test_what_does_not_fit_under_the_ceiling_is_cut_and_told(payments: Payments) -> None:
    pupil_ref = pupil()
    planned = {"a": ("accommodation", {"2021-10": 25_000}), "m": ("meals", {"2021-10": 8_000})}
    plan_id = await payments.a_plan(planned, pupil_ref=pupil_ref)
    month = await payments.month(pupil_ref)
    assert (month["reserved_cents"], month["free_cents"]) == (30_000, 0)
    (refused, no), (granted, yes) = await said(payments, pupil_ref)
    assert (refused, granted) == ("entitlement-refused", "entitlement-granted")
    assert (no["measure_id"], no["asked_cents"], no["room_left_cents"]) == ("m", 8_000, 5_000)
    assert (yes["plan_id"], yes["reserved_cents"], yes["refused_cents"]) == (
        plan_id,
        30_000,
        3_000,
    )


async def test_the_ceiling_holds_over_all_plans_of_a_pupil(payments: Payments) -> None:
    pupil_ref = pupil()
    await payments.a_plan({"m": ("meals", {"2021-10": 20_000})}, pupil_ref=pupil_ref)
    second = await payments.a_plan({"m": ("meals", {"2021-10": 20_000})}, pupil_ref=pupil_ref)
    assert (await payments.month(pupil_ref))["reserved_cents"] == 30_000
    (answer,) = await payments.claim([a_claim(second, "m", 20_000)])
    assert answer["details"]["cents"] == 10_000
    assert answer["code"] == "ceiling-cut", "the other plan's reservation is a promise kept"


@pytest.mark.feature("D10")
async def test_the_same_approval_told_again_has_one_effect(payments: Payments) -> None:
    pupil_ref = pupil()
    fact = an_approval(pupil_ref, "told-twice", {"m": ("meals", {"2021-10": 4_000})})
    await payments.hear(fact, fact)
    await payments.hear(fact)
    assert (await payments.month(pupil_ref))["reserved_cents"] == 4_000
    assert [kind for kind, _ in await said(payments, pupil_ref)] == ["entitlement-granted"]


async def test_a_new_version_replaces_what_the_old_one_had_reserved(payments: Payments) -> None:
    pupil_ref = pupil()
    old = {"m": ("meals", {"2021-10": 20_000}), "t": ("special_transport", {"2021-10": 5_000})}
    new = {"m": ("meals", {"2021-10": 22_000}), "a": ("accommodation", {"2021-10": 4_500})}
    await payments.hear(an_approval(pupil_ref, "revised", old))
    await payments.an_order("revised", "m", 1_500)
    await payments.hear(
        an_approval(pupil_ref, "revised", new, plan_version=2, approved_on="2021-10-20")
    )
    month = await payments.month(pupil_ref)
    assert month["ordered_cents"] == 1_500
    assert month["reserved_cents"] == 22_000 - 1_500 + 4_500
    dropped = a_claim("revised", "t", 100, month=None, service_date="2021-10-20")
    earlier = a_claim("revised", "t", 100, month=None, service_date="2021-10-19")
    answers = await payments.claim([dropped, earlier])
    assert [a["code"] for a in answers] == ["measure-not-in-plan", None]
    order = await payments.order(answers[1]["details"]["order_id"])
    assert order["plan_version"] == 1


async def test_suspension_frees_what_was_not_spent_until_a_new_version(payments: Payments) -> None:
    pupil_ref = pupil()
    planned = {"m": ("meals", {"2021-10": 4_000, "2021-11": 4_000})}
    await payments.hear(an_approval(pupil_ref, "suspended", planned))
    await payments.an_order("suspended", "m", 1_000)
    await payments.hear(a_suspension(pupil_ref, "suspended", on="2021-10-12"))
    month = await payments.month(pupil_ref)
    assert (month["ordered_cents"], month["reserved_cents"]) == (1_000, 0)
    await payments.hear(
        an_approval(
            pupil_ref, "suspended", planned, plan_version=2, version=5, approved_on="2021-11-02"
        )
    )
    days = ("2021-10-11", "2021-10-12", "2021-11-01", "2021-11-02")
    answers = await payments.claim(
        [a_claim("suspended", "m", 10, month=None, service_date=day) for day in days]
    )
    no = "plan-not-in-force"
    assert [a["code"] for a in answers] == [None, no, no, None]


@pytest.mark.feature("D12")
async def test_an_older_fact_that_comes_late_changes_nothing(payments: Payments) -> None:
    pupil_ref = pupil()
    planned = {"m": ("meals", {"2021-10": 4_000})}
    await payments.hear(an_approval(pupil_ref, "late-fact", planned, version=7))
    await payments.hear(a_suspension(pupil_ref, "late-fact", on="2021-09-02", version=3))
    assert (await payments.month(pupil_ref))["reserved_cents"] == 4_000


async def test_a_closed_plan_reserves_nothing_and_still_pays_what_was_delivered(
    payments: Payments,
) -> None:
    pupil_ref = pupil()
    await payments.hear(an_approval(pupil_ref, "closed", {"m": ("meals", {"2021-10": 4_000})}))
    await payments.hear(a_closing(pupil_ref, "closed", on="2021-10-20"))
    assert (await payments.month(pupil_ref))["reserved_cents"] == 0
    (answer,) = await payments.claim([a_claim("closed", "m", 4_000)])
    claim = (await payments.doors.get(f"/claims/{answer['id']}", by=TEACHER)).json()
    assert (claim["state"], claim["order"]["service_date"]) == ("accepted", "2021-10-20")


async def test_a_plan_without_spending_is_cleared_for_deletion(payments: Payments) -> None:
    pupil_ref = pupil()
    await payments.hear(an_approval(pupil_ref, "mistake", {"m": ("meals", {"2021-10": 4_000})}))
    await payments.hear(a_deletion(pupil_ref, "mistake"))
    assert (await payments.month(pupil_ref))["reserved_cents"] == 0
    assert (await said(payments, pupil_ref))[-1][0] == "plan-deletion-cleared"
    (answer,) = await payments.claim([a_claim("mistake", "m", 100)])
    assert answer["code"] == "plan-not-in-force"


async def test_a_plan_on_which_money_was_used_is_not_deleted(payments: Payments) -> None:
    pupil_ref = pupil()
    await payments.hear(an_approval(pupil_ref, "spent", {"m": ("meals", {"2021-10": 4_000})}))
    await payments.an_order("spent", "m", 1_250)
    await payments.hear(a_deletion(pupil_ref, "spent"))
    kind, fact = (await said(payments, pupil_ref))[-1]
    assert (kind, fact["spent_cents"]) == ("plan-deletion-refused", 1_250)
    assert (await payments.month(pupil_ref))["reserved_cents"] == 2_750


async def test_a_deletion_refused_once_is_refused_when_it_is_told_again_and_the_money_is_back(
    payments: Payments,
) -> None:
    order_id, plan_id, pupil_ref = await payments.an_issued_order(1_250)
    asked = a_deletion(pupil_ref, plan_id)
    await payments.hear(asked)
    await payments.report(order_id, "returned", cents=1_250)
    await payments.hear(asked)
    kind, fact = (await said(payments, pupil_ref))[-1]
    assert (kind, fact["spent_cents"]) == ("plan-deletion-refused", 0)
    await payments.an_order(plan_id, "m", 100)
    other, other_plan, other_ref = await payments.an_issued_order(1_250)
    await payments.report(other, "returned", cents=1_250)
    await payments.hear(a_deletion(other_ref, other_plan))
    await payments.hear(a_deletion(other_ref, other_plan))
    kinds = [kind for kind, _ in await said(payments, other_ref)]
    assert kinds[-2:] == ["plan-deletion-cleared", "plan-deletion-cleared"]


async def test_a_lowered_ceiling_never_cuts_what_is_spoken_for(payments: Payments) -> None:
    pupil_ref = pupil()
    planned = {"m": ("meals", {"2021-10": 20_000}), "a": ("accommodation", {"2021-10": 100})}
    plan_id = await payments.a_plan(planned, pupil_ref=pupil_ref)
    await payments.set_parameter("monthly_cap_eur", 150, since="2021-10-01")
    (answer,) = await payments.claim([a_claim(plan_id, "a", 5_000)])
    await payments.set_parameter("monthly_cap_eur", 300, since="2021-10-01")
    assert (answer["code"], answer["details"]["cents"]) == ("ceiling-cut", 100)
