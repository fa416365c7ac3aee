"""Money is exact, and no line is approved before its plan is: defects of others, tried here."""

from pathlib import PurePosixPath

import pytest

from shared.contracts.plans import PlanStepApproved
from tests.builders_payments import Payments
from tests.house_rules import Code, money_is_never_a_float
from tests.integration.payments.any_books import payments_of_file
from tests.money_facts import OFFICER, a_claim, a_deletion, an_approval, pupil

MEALS = {"m": ("meals", {"2021-10": 25_000})}


@pytest.mark.feature("D4")
async def test_ten_thousand_times_ten_cents_are_a_thousand_euro_in_every_book(
    alone: Payments,
) -> None:
    await alone.allocate("set", 100_000 + 40 * 22_500)
    plan_ids = [await alone.a_plan(MEALS) for _ in range(40)]
    answers = await alone.claim([a_claim(plan_ids[n % 40], "m", 10) for n in range(10_000)])
    order_ids = [answer["details"]["order_id"] for answer in answers]
    await alone.approve_orders(*order_ids)
    (file,) = (await alone.issue_file()).json()["files"]
    assert (file["count"], file["cents"]) == (10_000, 100_000)
    xml = await alone.doors.get(f"/bank-files/{file['file_id']}", by=OFFICER)
    assert sum(cents for _, cents, _ in payments_of_file(xml.content)) == 100_000
    assert b"<CtrlSum>1000.00</CtrlSum>" in xml.content
    stands = await alone.semester()
    assert (stands["ordered_cents"], stands["spoken_for_cents"]) == (100_000, 1_000_000)
    wrong = Code(PurePosixPath("services/payments/domain.py"), "esf = cents * 0.85")
    assert list(money_is_never_a_float(wrong)), "the house refuses a float beside money"


@pytest.mark.feature("D2")
async def test_no_line_can_be_approved_before_the_last_level_approved_the_plan(
    alone: Payments,
) -> None:
    pupil_ref = pupil()
    whole = an_approval(pupil_ref, "three-levels", MEALS)
    about = whole.model_dump(include=set(PlanStepApproved.model_fields))
    for step in ("head", "municipality"):
        await alone.hear(PlanStepApproved(**about | {"step": step, "approver": f"the.{step}"}))
        (answer,) = await alone.claim([a_claim("three-levels", "m", 100)])
        assert (answer["status"], answer["code"]) == ("refused", "plan-unknown")
    drafts = await alone.doors.get("/orders", by=OFFICER, partner=alone.office)
    assert drafts.json()["orders"] == [], "there is no line anybody could approve"
    await alone.hear(whole)
    (answer,) = await alone.claim([a_claim("three-levels", "m", 100)])
    (approved,) = await alone.approve_orders(answer["details"]["order_id"])
    assert approved["status"] == "accepted"


@pytest.mark.feature("D2")
async def test_a_plan_that_was_cleared_for_deletion_pays_nothing(alone: Payments) -> None:
    pupil_ref = pupil()
    await alone.hear(an_approval(pupil_ref, "cleared", MEALS))
    await alone.hear(a_deletion(pupil_ref, "cleared"))
    (answer,) = await alone.claim([a_claim("cleared", "m", 100)])
    assert answer["code"] == "plan-not-in-force"
    assert (await alone.semester())["spoken_for_cents"] == 0
