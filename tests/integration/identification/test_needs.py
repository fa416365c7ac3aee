"""The list "who needs me", what is heard of plans, and what identification does by itself."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.identification.app import SERVICE
from services.identification.consumers import PLANS_CONSUMER
from services.identification.retention import erase_overdue, tell_seeds
from shared.contracts.identification import ParameterSet
from shared.contracts.plans import PlanClosed, PlanDeleted, PlanFact, PlanReturned, PlanSubmitted
from tests.builders_identification import (
    AUTUMN,
    COORDINATOR,
    EAST,
    HEAD,
    OTHER_TEACHER,
    REGISTER,
    TEACHER,
    TEACHER2,
    Programme,
    a_signature,
)
from tests.doors import told
from tests.integration.identification.facts import said

CLOSED: dict[str, Any] = {
    "closed_on": date(2017, 12, 20),
    "measures_done": 1,
    "measures_partly": 0,
    "measures_not_done": 0,
    "risks_reduced": 1,
    "risks_same": 0,
    "risks_worse": 0,
    "continues": False,
}


async def hear(programme: Programme, *facts: PlanFact) -> None:
    """Facts of plans as the worker would hand them to the consumer."""
    for fact in facts:
        async with programme.doors.database.transaction() as session:
            await PLANS_CONSUMER.handles[type(fact)](session, [told(fact)])


def about_plan(kind: type[PlanFact], pupil_ref: str, version: int, **more: Any) -> PlanFact:
    """A fact about the pupil's plan."""
    return kind(
        plan_id=f"plan-{pupil_ref[3:13]}",
        plan_code="IAP-1",
        plan_version=1,
        version=version,
        pupil_ref=pupil_ref,
        partner=EAST,
        school_id="east-1",
        municipality_id=EAST,
        semester="2017-1",
        **more,
    )


async def need(programme: Programme, ref: str, *, by: str = TEACHER) -> dict[str, Any] | None:
    """The entry of a pupil on somebody's list."""
    answer = await programme.doors.get("/needs-me", by=by, at=AUTUMN, limit=1_000)
    assert answer.status_code == 200, answer.text
    entries = {entry["pupil_ref"]: entry for entry in answer.json()["pupils"]}
    return entries.get(ref)


async def step(programme: Programme, ref: str, *, by: str = TEACHER) -> tuple[str, bool] | None:
    """The next step of a pupil on somebody's list, and whether it is theirs."""
    found = await need(programme, ref, by=by)
    return (found["step"], found["for_me"]) if found else None


async def test_the_list_leads_from_the_signal_to_the_plan(programme: Programme) -> None:
    ref = await programme.pupil()
    assert await step(programme, ref) is None
    line = {
        "pupil_ref": ref,
        "semester": "2017-1",
        "lessons_unexcused": 25,
        "source": "journal",
    }
    await programme.accepted("/attendance", [line], by=REGISTER)
    assert await step(programme, ref) == ("look-at-signal", True)
    found = await need(programme, ref)
    assert found and "25" in found["signals"][0]["why_en"]

    risk_id = await programme.proposal(ref)
    assert await step(programme, ref) == ("second-look", False)
    assert await step(programme, ref, by=HEAD) == ("second-look", True)
    look = {"risk_id": risk_id, "decision": "confirm", "reason": "It is so."}
    await programme.accepted("/risks/confirmations", [look], by=HEAD)
    assert await step(programme, ref) == ("get-signature", True)
    await programme.accepted("/applications", [a_signature(ref)], by=TEACHER)
    assert await step(programme, ref) == ("draft-plan", True)
    assert await step(programme, ref, by=HEAD) == ("draft-plan", False)


async def test_the_list_follows_what_plans_says(programme: Programme) -> None:
    ref = await programme.pupil()
    await programme.named(ref)
    await programme.accepted("/applications", [a_signature(ref)], by=TEACHER)
    await hear(programme, about_plan(PlanSubmitted, ref, 2))
    assert await step(programme, ref) == ("finish-plan", True)
    await hear(
        programme,
        about_plan(PlanReturned, ref, 3, step="head", reason_code="typo"),
        about_plan(PlanSubmitted, ref, 2),
    )
    found = await need(programme, ref)
    assert found and found["plan_state"] == "returned"
    await hear(programme, about_plan(PlanClosed, ref, 4, **CLOSED))
    assert await step(programme, ref) == ("follow-plan", True)
    await hear(programme, about_plan(PlanDeleted, ref, 5))
    assert await step(programme, ref) == ("draft-plan", True)


async def test_the_proposer_is_not_asked_for_the_second_look(programme: Programme) -> None:
    ref = await programme.pupil()
    await programme.proposal(ref, by=COORDINATOR)
    assert await step(programme, ref, by=COORDINATOR) == ("second-look", False)
    assert await step(programme, ref, by=HEAD) == ("second-look", True)
    assert await step(programme, ref, by=TEACHER2) == ("second-look", False)
    assert await step(programme, ref, by=OTHER_TEACHER) is None
    refused = await programme.doors.get(
        "/needs-me", by=OTHER_TEACHER, at=AUTUMN, school_id="east-1"
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-your-organisation")


async def test_what_plans_says_twice_counts_once(programme: Programme) -> None:
    ref = await programme.pupil()
    await programme.named(ref)
    fact = about_plan(PlanSubmitted, ref, 1)
    await hear(programme, fact, fact)
    read = await programme.doors.get(f"/pupils/{ref}", by=TEACHER, at=AUTUMN)
    assert [plan["state"] for plan in read.json()["plans"]] == ["submitted"]


async def test_between_two_semesters_the_next_one_is_meant(programme: Programme) -> None:
    answer = await programme.doors.get("/needs-me", by=TEACHER, at="2017-12-28")
    assert answer.json()["semester"] == "2017-2"
    after_all = await programme.doors.get("/needs-me", by=TEACHER, at="2030-01-01")
    assert (after_all.status_code, after_all.json()["code"]) == (404, "unknown-semester")


async def test_first_parameters_are_told_once(programme: Programme) -> None:
    database = programme.doors.database
    moment = datetime(2017, 3, 1, tzinfo=UTC)
    for _ in range(2):
        async with database.transaction() as session:
            await tell_seeds(session, moment)
    names = [f.name for f in await said(programme.doors) if isinstance(f, ParameterSet)]
    assert sorted(names) == sorted(spec.name for spec in SERVICE.parameters)


async def test_who_left_long_ago_is_erased_with_a_proof(programme: Programme) -> None:
    gone, stays = await programme.pupil(), await programme.pupil()
    await programme.named(gone)
    leave = {"pupil_ref": gone, "left_on": AUTUMN, "reason_code": "graduated"}
    await programme.accepted("/pupils/departures", [leave], by=REGISTER)
    database = programme.doors.database
    for now, pupils in (
        (datetime(2027, 9, 15, 12, tzinfo=UTC), 1),
        (datetime(2027, 9, 17, tzinfo=UTC), 0),
    ):
        async with database.transaction() as session:
            await erase_overdue(session, now)
            rows = await session.execute(
                text("SELECT count(*) FROM pupils WHERE pupil_ref = :ref"), {"ref": gone}
            )
            assert rows.scalar_one() == pupils
    async with database.transaction() as session:
        for table in ("risks", "stays", "applications"):
            left = await session.execute(
                text(f"SELECT count(*) FROM {table} WHERE pupil_ref = :ref"), {"ref": gone}
            )
            assert left.scalar_one() == 0, table
        proofs = await session.execute(text("SELECT pupils, left_before FROM erasures"))
        assert [tuple(row) for row in proofs] == [(1, date(2017, 9, 17))]
    assert (await programme.doors.get(f"/pupils/{stays}", by=TEACHER, at=AUTUMN)).status_code == 200


@pytest.mark.feature("I20")
@pytest.mark.parametrize("change", ["DELETE FROM read_log", "UPDATE read_log SET reader = 'me'"])
async def test_the_read_log_cannot_be_altered(programme: Programme, change: str) -> None:
    ref = await programme.pupil()
    await programme.doors.get(f"/pupils/{ref}", by=TEACHER, at=AUTUMN)
    with pytest.raises(IntegrityError, match="written once"):
        async with programme.doors.database.transaction() as session:
            await session.execute(text(change))
