"""The consultation log through the doors: held, confirmed in time, never twice at one time."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.plans import consultation_rows
from tests.builders_plan_places import HEAD, SCHOOL, TEACHER, pupil_ref, said, staff_ref
from tests.builders_plans import (
    a_consultation,
    a_measure,
    approved,
    drafted,
    kept,
    state_of,
    through_the_chain,
)
from tests.doors import Doors

DAY = "2017-10-02"


async def record(plans: Doors, *lines: dict[str, Any], by: str = TEACHER, at: str = DAY) -> Any:
    """What was answered to consultations."""
    return await plans.lines("/consultations", lines, by=by, at=at)


async def confirm(plans: Doors, held: str, on: str, *, kind: str = "signature", **how: Any) -> Any:
    """What was answered to one confirmation."""
    line = {"consultation_id": held, "kind": kind, "confirmed_on": on}
    how = {"by": TEACHER, "at": on} | how
    return (await plans.lines("/consultations/confirmations", [line], **how))[0]


def an_order(plan_id: str, **more: Any) -> dict[str, Any]:
    """An order of the head for remote consultations over one channel."""
    return {
        "school_id": SCHOOL,
        "kind": "remote",
        "number": f"1-{plan_id[:8]}",
        "issued_on": "2017-09-28",
        "valid_from": "2017-10-01",
        "valid_to": "2017-10-31",
        "plan_ids": [plan_id],
        "provider_refs": [staff_ref(TEACHER)],
        "channels": ["zoom"],
    } | more


@pytest.mark.feature("P16")
async def test_a_confirmed_consultation_is_told_and_begins_the_plan(plans: Doors) -> None:
    draft = await approved(plans, 1)
    answers = kept(await record(plans, a_consultation(draft["id"])))
    assert answers[0]["details"] == {"measure_id": draft["details"]["measures"][0]}
    assert await state_of(plans, draft["id"]) == "approved"
    assert (await confirm(plans, answers[0]["id"], "2017-10-02"))["status"] == "accepted"
    assert await state_of(plans, draft["id"]) == "in_implementation"
    facts = (await said(plans, pupil_ref(1)))[4:]
    assert [kind for kind, _ in facts] == ["plan-begun", "consultation-confirmed"]
    told = facts[1][1]
    assert (told["held_on"], told["minutes"], told["mode"], told["provider_ref"]) == (
        "2017-10-02",
        40,
        "on_site",
        staff_ref(TEACHER),
    )
    assert (await confirm(plans, answers[0]["id"], "2017-10-02"))["code"] == "already-confirmed"


@pytest.mark.feature("P16")
async def test_the_pupil_confirms_on_the_day_or_within_the_tolerance(plans: Doors) -> None:
    draft = await approved(plans, 2)
    lines = [a_consultation(draft["id"], starts_at=f"{hour}:00") for hour in (10, 11, 12)]
    first, second, third = [one["id"] for one in kept(await record(plans, *lines))]
    assert (await confirm(plans, first, "2017-10-01"))["code"] == "confirmed-too-early"
    assert (await confirm(plans, first, "2017-10-04"))["code"] == "confirmed-too-late"
    assert (await confirm(plans, first, "2017-10-03", at=DAY))["code"] == "in-the-future"
    assert (await confirm(plans, second, "2017-10-03"))["status"] == "accepted"
    strict = {
        "name": "confirmation_tolerance_days",
        "place": SCHOOL,
        "value": 0,
        "valid_from": "2017-09-01",
        "source": "a test",
    }
    await plans.send("/parameters", strict, by="state.officer", at=DAY, method="PUT")
    assert (await confirm(plans, third, "2017-10-03"))["code"] == "confirmed-too-late"
    await plans.send("/parameters", strict | {"value": 1}, by="state.officer", at=DAY, method="PUT")
    assert (await confirm(plans, "unknown", "2017-10-03"))["code"] == "consultation-unknown"


@pytest.mark.feature("P16")
async def test_no_consultation_where_the_plan_does_not_reach(plans: Doors) -> None:
    draft = await approved(plans, 3, at="2017-09-11")
    waiting = await drafted(plans, 4)
    meals = await approved(plans, 5, a_measure("meals"))
    one = a_consultation(draft["id"])
    wrong = [
        (a_consultation(waiting["id"]), "plan-not-approved"),
        (a_consultation(meals["id"]), "no-such-measure"),
        (one | {"measure_id": draft["details"]["measures"][1]}, "no-such-measure"),
        (one | {"held_on": "2017-08-31"}, "outside-plan"),
        (one | {"held_on": "2017-10-03"}, "in-the-future"),
        (one | {"held_on": "2017-09-10"}, "before-approval"),
        (one | {"provider_kind": "psychologist"}, "wrong-provider-kind"),
        (one | {"provider_kind": "wizard"}, "unknown-provider-kind"),
        (one | {"minutes": 0}, "invalid"),
        (one | {"mode": "remote", "channel": "zoom"}, "remote-not-ordered"),
        (one | {"plan_id": "nothing"}, "plan-unknown"),
    ]
    answers = await record(plans, *(line for line, _ in wrong))
    assert [answer["code"] for answer in answers] == [code for _, code in wrong]
    answers = await record(plans, one | {"held_on": "2017-12-23"}, at="2017-12-23")
    assert answers[0]["code"] == "outside-plan"


@pytest.mark.feature("P16")
async def test_nothing_is_delivered_in_a_stop_until_a_new_version_is_approved(
    plans: Doors,
) -> None:
    draft = await approved(plans, 6)
    line = {"plan_id": draft["id"], "reason_code": "illness", "comment": "in hospital"}
    early = kept(await record(plans, a_consultation(draft["id"], starts_at="08:00")))[0]["id"]
    kept(await plans.lines("/plans/suspensions", [line], by=TEACHER, at="2017-10-02"))
    assert (await confirm(plans, early, "2017-10-02"))["code"] == "plan-stopped"
    back = [{"plan_id": draft["id"]}]
    kept(await plans.lines("/plans/resumptions", back, by=TEACHER, at="2017-10-09"))
    day = a_consultation(draft["id"], held_on="2017-10-10", starts_at="08:00")
    assert (await record(plans, day, at="2017-10-10"))[0]["code"] == "plan-stopped"
    await through_the_chain(plans, draft["id"], at="2017-10-11")
    assert (await record(plans, day, at="2017-10-11"))[0]["code"] == "plan-stopped"
    after = day | {"held_on": "2017-10-11"}
    kept(await record(plans, after, at="2017-10-11"))


@pytest.mark.feature("P17")
async def test_a_specialist_is_in_one_consultation_at_a_time(plans: Doors) -> None:
    ids = [(await approved(plans, number))["id"] for number in (10, 11)]
    day = {"held_on": "2017-09-21"}
    first = a_consultation(ids[0], starts_at="13:00", **day)
    touching = a_consultation(ids[1], starts_at="13:40", **day)
    overlapping = a_consultation(ids[1], starts_at="13:20", **day)
    answers = await record(plans, first, overlapping, touching)
    assert [answer["code"] for answer in answers] == [None, "provider-busy", None]
    assert (await record(plans, overlapping))[0]["code"] == "provider-busy"
    line = [{"consultation_id": answers[0]["id"]}, {"consultation_id": answers[2]["id"]}]
    kept(await plans.lines("/consultations/cancellations", line, by=TEACHER, at=DAY))
    kept(await record(plans, overlapping))
    assert (await confirm(plans, answers[0]["id"], DAY))["code"] == "consultation-cancelled"


@pytest.mark.feature("P17")
async def test_two_requests_at_once_do_not_put_one_specialist_in_two_places(
    plans: Doors,
) -> None:
    ids = [(await approved(plans, number))["id"] for number in range(12, 18)]
    lines = [a_consultation(one, starts_at="16:00") for one in ids]
    answers = await asyncio.gather(*(record(plans, line) for line in lines))
    codes = sorted(str(answer[0]["code"]) for answer in answers)
    assert codes == ["None"] + ["provider-busy"] * 5


@pytest.mark.feature("P17")
async def test_the_database_refuses_the_second_place_too(plans: Doors) -> None:
    draft = await approved(plans, 20)
    held = kept(await record(plans, a_consultation(draft["id"], starts_at="18:00")))[0]["id"]
    async with plans.database.transaction() as session:
        numbers = await consultation_rows.providers_locked(session, [staff_ref(TEACHER)])
        one = (await consultation_rows.consultations_locked(session, [held]))[held]
        twin = replace(one, consultation_id="twin", minutes=5)
        with pytest.raises(IntegrityError, match="consultations_one_at_a_time"):
            await consultation_rows.keep_consultations(session, [twin], numbers)
        await session.rollback()


@pytest.mark.feature("P18")
async def test_a_heads_order_permits_remote_consultations_of_whom_it_names(
    plans: Doors,
) -> None:
    draft = await approved(plans, 30)
    order = an_order(draft["id"], confirmation_kinds=["e_klase"])
    answer = await plans.send("/head-orders", {"lines": [order]}, by=TEACHER, at=DAY)
    assert answer.status_code == 403
    order_id = kept(await plans.lines("/head-orders", [order], by=HEAD, at=DAY))[0]["id"]
    again = await plans.lines("/head-orders", [order], by=HEAD, at=DAY)
    assert again[0]["code"] == "order-known"
    remote = a_consultation(draft["id"], mode="remote", channel="zoom", starts_at="20:00")
    wrong = [
        remote | {"channel": "telephone"},
        remote | {"channel": None},
        remote | {"provider_ref": staff_ref("psychologist")},
        remote | {"held_on": "2017-09-29"},
    ]
    answers = await record(plans, *wrong, remote, by=HEAD)
    assert [one["code"] for one in answers] == ["remote-not-ordered"] * 4 + [None]
    log = (await plans.get(f"/plans/{draft['id']}/consultations", by=TEACHER)).json()
    assert [one["head_order_id"] for one in log["consultations"]] == [order_id]
    held = answers[-1]["id"]
    assert (await confirm(plans, held, DAY))["code"] == "wrong-confirmation"
    assert (await confirm(plans, held, DAY, kind="e_klase"))["status"] == "accepted"
    listed = (await plans.get("/head-orders", by=HEAD, school_id=SCHOOL)).json()["head_orders"]
    assert order_id in [one["order_id"] for one in listed]


@pytest.mark.feature("P18")
async def test_an_order_that_permits_nothing_or_for_others_is_refused(plans: Doors) -> None:
    draft = await approved(plans, 31)
    order = an_order(draft["id"])
    practice = {"kind": "practice", "number": "2"}
    wrong = [
        (order | {"channels": []}, "order-incomplete"),
        (order | {"provider_refs": []}, "order-incomplete"),
        (order | practice, "order-incomplete"),
        (order | {"valid_to": "2017-09-30"}, "dates-reversed"),
        (order | {"plan_ids": ["nothing"]}, "plan-unknown"),
        (order | {"school_id": "school-two"}, "outside-your-organisation"),
    ]
    answers = await plans.lines("/head-orders", [line for line, _ in wrong], by=HEAD, at=DAY)
    assert [answer["code"] for answer in answers] == [code for _, code in wrong]
    kept(await plans.lines("/head-orders", [order | practice | {"place": "a farm"}], by=HEAD))


async def test_a_specialist_writes_down_and_sees_only_the_own(plans: Doors) -> None:
    draft = await approved(plans, 40, a_measure("consultation", provider_kind="speech_therapist"))
    own = a_consultation(
        draft["id"], provider_ref=staff_ref("specialist"), provider_kind="speech_therapist"
    )
    other = own | {"provider_ref": staff_ref("psychologist"), "starts_at": "09:00"}
    answers = await record(plans, own, other, by="specialist")
    assert [answer["code"] for answer in answers] == [None, "outside-your-organisation"]
    kept(await record(plans, other, by=HEAD))
    path = f"/plans/{draft['id']}/consultations"
    seen = (await plans.get(path, by="specialist")).json()["consultations"]
    assert [one["provider_ref"] for one in seen] == [staff_ref("specialist")]
    assert (await plans.get(path, by="other.head")).status_code == 404
    assert len((await plans.get(path, by=HEAD)).json()["consultations"]) == 2


async def test_an_order_for_practice_is_told_per_plan_and_so_is_its_end(plans: Doors) -> None:
    one, two = await approved(plans, 50), await approved(plans, 51)
    order = an_order(one["id"], kind="practice", number="P-1", place="a bakery in town")
    order |= {"plan_ids": [one["id"], two["id"]], "place_kind": "enterprise"}
    (kept_order,) = kept(await plans.lines("/head-orders", [order], by=HEAD, at=DAY))
    revocation = {"order_id": kept_order["id"], "revoked_on": "2017-10-20"}
    wrong = [revocation | {"order_id": "no-order"}, revocation | {"revoked_on": "2016-01-01"}]
    answers = await plans.lines(
        "/head-orders/revocations", [*wrong, revocation, revocation], by=HEAD, at=DAY
    )
    assert [answer["code"] for answer in answers] == [
        "head-order-unknown",
        "outside-order",
        None,
        "already-revoked",
    ]
    for number in (50, 51):
        ordered, ended = (fact for _, fact in (await said(plans, pupil_ref(number)))[-2:])
        assert ordered["place_kind"] == "enterprise"
        assert ordered["order_id"] == ended["order_id"] == kept_order["id"]
        assert (ended["ended_on"], ended["version"]) == ("2017-10-20", ordered["version"] + 1)
        assert "bakery" not in str(ordered)
