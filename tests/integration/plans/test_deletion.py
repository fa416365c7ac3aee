"""Plans made by mistake: deleted once payments says that no cent was used."""

import pytest

from shared.contracts.payments import PlanDeletionCleared, PlanDeletionRefused
from tests.builders_plan_places import HEAD, TEACHER, pupil_ref, said, tell
from tests.builders_plans import (
    a_draft,
    approved,
    drafted,
    kept,
    refusal,
    shown,
    state_of,
)
from tests.doors import Doors
from tests.integration.plans.test_money import about


async def kinds(plans: Doors, number: int) -> list[str]:
    """What was told of a pupil's plans after the chain."""
    return [kind for kind, _ in await said(plans, pupil_ref(number))][4:]


@pytest.mark.feature("P15")
async def test_an_unspent_plan_is_deleted_once_payments_says_so(plans: Doors) -> None:
    draft = await approved(plans, 10)
    line = {"plan_id": draft["id"], "reason_code": "mistake"}
    assert await refusal(plans, "deletions", line, by=HEAD) == "comment-missing"
    line["comment"] = "entered for the wrong pupil"
    answers = await plans.lines("/plans/deletions", [line], by=HEAD, at="2017-10-02")
    assert kept(answers)[0]["details"] == {"state": "approved", "waits_for": "payments"}
    assert await refusal(plans, "deletions", line, by=HEAD) == "deletion-pending"
    assert await refusal(plans, "revisions", {"plan_id": draft["id"]}) == "deletion-pending"
    cleared = PlanDeletionCleared(**about(10, draft["id"]))
    await tell(plans, cleared, at="2017-10-02T10:00:00+00:00")
    await tell(plans, cleared, at="2017-10-02T10:00:00+00:00")
    assert await state_of(plans, draft["id"]) == "inactive"
    assert await kinds(plans, 10) == ["plan-deletion-requested", "plan-deleted"]
    answers = await plans.lines("/plans", [a_draft(pupil_ref(10))], by=TEACHER, at="2017-10-03")
    assert kept(answers)[0]["id"] != draft["id"]


@pytest.mark.feature("P15")
async def test_a_plan_with_money_used_stays_and_shows_how_much(plans: Doors) -> None:
    draft = await approved(plans, 11)
    line = {"plan_id": draft["id"], "reason_code": "mistake", "comment": "too late"}
    kept(await plans.lines("/plans/deletions", [line], by=TEACHER, at="2017-10-02"))
    await tell(plans, PlanDeletionRefused(**about(11, draft["id"]), spent_cents=3500))
    plan = await shown(plans, draft["id"])
    assert (plan["state"], plan["spent_cents_told"]) == ("approved", 3500)
    assert plan["deletion_requested_at"] is None
    assert await kinds(plans, 11) == ["plan-deletion-requested"]
    kept(await plans.lines("/plans/revisions", [{"plan_id": draft["id"]}], by=TEACHER))


async def test_a_plan_that_was_never_approved_is_deleted_at_once(plans: Doors) -> None:
    draft = await drafted(plans, 12)
    line = {"plan_id": draft["id"], "reason_code": "mistake", "comment": "wrong pupil"}
    answers = await plans.lines("/plans/deletions", [line], by=TEACHER, at="2017-10-02")
    assert kept(answers)[0]["details"] == {"state": "inactive"}
    assert [kind for kind, _ in await said(plans, pupil_ref(12))] == ["plan-deleted"]
