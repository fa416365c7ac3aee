"""How facts become counts: each person once, taken back exactly, whatever comes first."""

from datetime import date
from typing import Any

import pytest

from services.reporting import recount
from shared import clock
from shared.contracts.base import Fact
from shared.contracts.identification import (
    Programme,
    PupilCleared,
    PupilNamed,
    RiskGroup,
)
from shared.contracts.plans import PlanClosed, PlanDeleted, PlanReturned
from tests.builders_reporting import (
    OTHER_COORDINATOR,
    OTHER_TOWN,
    SCHOOL,
    SECOND_SCHOOL,
    TOWN,
    Plan,
    hear,
    pupil,
    received,
    staff,
)
from tests.doors import Doors
from tests.integration.reporting.towns import AUTUMN, LATER, counts, school, tell, town


async def test_a_draft_is_no_plan_and_one_sent_back_is_a_draft_again(two_towns: Doors) -> None:
    plan = Plan("a1", semester="2030-1")
    await tell(two_towns, plan.submitted())
    assert await school(two_towns, "plans", "2030-1") == 1
    assert await school(two_towns, "pupils_involved", "2030-1") == 0
    await tell(two_towns, plan.tells(PlanReturned, step="head", reason_code="unclear"))
    assert await school(two_towns, "plans", "2030-1") == 0
    await tell(two_towns, plan.submitted(), plan.approved(AUTUMN))
    assert await school(two_towns, "plans", "2030-1") == 1
    assert await school(two_towns, "pupils_involved", "2030-1") == 1
    assert await school(two_towns, "grade_range", "2030-1") == {"from": 7, "to": 7}


async def test_a_deleted_plan_takes_back_all_that_rested_on_it_and_nothing_else(
    two_towns: Doors,
) -> None:
    before = await counts(two_towns)
    kept, gone = Plan("b1", semester="2030-2"), Plan("b2", semester="2030-2")
    await tell(two_towns, kept.approved(AUTUMN), kept.consulted(LATER, by="b"))
    only_kept = await counts(two_towns)
    await tell(two_towns, gone.approved(AUTUMN, preparer_ref=staff("only here")))
    await tell(two_towns, gone.consulted(LATER, by="b"), gone.ordered("meals", LATER))
    assert await school(two_towns, "pupils_supported", "2030-2") == 2
    assert await school(two_towns, "pedagogues_involved", "2030-2") == 3
    await tell(two_towns, gone.tells(PlanDeleted))
    assert await school(two_towns, "pupils_supported", "2030-2") == 1
    assert await school(two_towns, "pedagogues_involved", "2030-2") == 2
    without_money = {c: v for c, v in (await counts(two_towns)).items() if "cents" not in c.measure}
    assert without_money == {c: v for c, v in only_kept.items() if "cents" not in c.measure}
    assert len(only_kept) > len(before)


async def test_a_person_is_counted_once_however_much_support_there_is(two_towns: Doors) -> None:
    plan, day = Plan("c1", semester="2031-1"), date(2031, 10, 9)
    support = [plan.ordered(kind, day) for kind in ("meals", "meals", "public_transport")]
    consulted = [plan.consulted(day, kind=kind) for kind in ("teacher", "psychologist")]
    await tell(two_towns, plan.approved(AUTUMN), *support, *consulted)
    assert await school(two_towns, "pupils_supported", "2031-1") == 1
    for kind in ("meals", "public_transport", "consultation"):
        measure = "pupils_by_support_type"
        assert await school(two_towns, measure, "2031-1", support_type=kind) == 1
        assert await school(two_towns, measure, "2031-10m", support_type=kind) == 1
        assert await school(two_towns, measure, "2031-11m", support_type=kind) == 0
    psychologist = {"provider_kind": "psychologist"}
    assert await school(two_towns, "pupils_supported", "2031-1", **psychologist) == 1
    assert await school(two_towns, "support_providers_involved", "2031-1", **psychologist) == 1


async def test_who_moved_inside_the_town_is_one_pupil_of_the_town(two_towns: Doors) -> None:
    first = Plan("d1", who="mover", semester="2031-2")
    second = Plan("d2", who="mover", semester="2031-2", school=SECOND_SCHOOL)
    await tell(two_towns, first.approved(AUTUMN), second.approved(LATER))
    assert await school(two_towns, "pupils_involved", "2031-2") == 1
    assert await town(two_towns, "pupils_involved", "2031-2") == 1
    assert await town(two_towns, "schools_involved", "2031-2") == 2
    nation = [c for c in await counts(two_towns) if (c.level, c.period) == ("nation", "2031-2")]
    assert {c.partner for c in nation if c.measure == "pupils_involved"} == {TOWN}
    await tell(two_towns, first.tells(PlanDeleted))
    assert await school(two_towns, "pupils_involved", "2031-2") == 0
    assert await town(two_towns, "schools_involved", "2031-2") == 1


@pytest.mark.feature("D10")
async def test_a_fact_told_again_under_a_new_number_counts_once(two_towns: Doors) -> None:
    plan = Plan("g1", semester="2032-2")
    facts: list[Fact] = [plan.submitted(), plan.approved(AUTUMN), plan.consulted(LATER)]
    facts.append(plan.ordered("meals", LATER))
    await tell(two_towns, *facts)
    before = await counts(two_towns)
    for again in (facts, facts[::-1], [facts[0], facts[3], facts[3]]):
        await hear(two_towns.database, [received(f, AUTUMN, offset=n) for n, f in enumerate(again)])
    assert await counts(two_towns) == before


async def test_what_a_plan_says_of_its_pupil_reaches_support_that_was_told_before_it(
    two_towns: Doors,
) -> None:
    plan = Plan("h1", semester="2033-1")
    approved = plan.approved(AUTUMN, grade=9)
    await tell(two_towns, plan.ordered("meals", LATER))
    assert await school(two_towns, "pupils_supported", "2033-1") == 1
    assert await school(two_towns, "pupils_supported", "2033-1", grade="9") == 0
    await tell(two_towns, approved)
    assert await school(two_towns, "pupils_supported", "2033-1", grade="9") == 1
    await tell(two_towns, plan.approved(LATER, grade=10))
    assert await school(two_towns, "pupils_supported", "2033-1", grade="9") == 0
    assert await school(two_towns, "pupils_supported", "2033-1", grade="10") == 1


async def test_pupils_named_at_risk_are_counted_until_they_are_cleared(two_towns: Doors) -> None:
    about: dict[str, Any] = {
        "pupil_ref": pupil("named"),
        "partner": TOWN,
        "school_id": SCHOOL,
        "municipality_id": TOWN,
        "semester": "2033-2",
    }
    named = PupilNamed(
        **about,
        version=2,
        programme=Programme.GENERAL,
        grade=8,
        risk_groups=(RiskGroup.LEARNING, RiskGroup.SOCIAL_HEALTH),
        named_on=AUTUMN,
    )
    await tell(two_towns, named)
    assert await school(two_towns, "pupils_at_risk", "2033-2", risk_group="R1") == 1
    assert await school(two_towns, "pupils_at_risk", "2033-2", risk_group="R2") == 0, (
        "never by school"
    )
    assert await town(two_towns, "pupils_at_risk", "2033-2", risk_group="R2") == 1
    await tell(two_towns, PupilCleared(**about, version=3, reason_code="better"), named)
    assert await school(two_towns, "pupils_at_risk", "2033-2") == 0


async def test_results_of_closed_plans_add_up(two_towns: Doors) -> None:
    plans = [Plan(f"i{n}", semester="2034-1") for n in range(2)]
    for plan in plans:
        approved = plan.approved(AUTUMN)
        closed = plan.tells(
            PlanClosed,
            closed_on=date(2017, 12, 20),
            measures_done=2,
            measures_partly=1,
            measures_not_done=0,
            risks_reduced=1,
            risks_same=0,
            risks_worse=0,
            continues=plan is plans[0],
        )
        await tell(two_towns, approved, closed)
    assert await school(two_towns, "measures_done", "2034-1") == 4
    assert await school(two_towns, "plans_closed", "2034-1") == 2
    assert await school(two_towns, "plans_continuing", "2034") == 1


@pytest.mark.feature("E8")
async def test_the_counts_are_a_function_of_the_evidence(two_towns: Doors) -> None:
    async with two_towns.database.transaction() as session:
        said = await recount.recount(session, clock.now())
        assert " 0 differ, " in said
        fingerprint = await recount.show_fingerprint(session, clock.now())
        assert fingerprint.split()[0] in said


async def test_another_choice_of_pedagogues_is_counted_on_demand(two_towns: Doors) -> None:
    plan = Plan("l1", semester="2035-2")
    await tell(two_towns, plan.approved(AUTUMN), plan.consulted(LATER, by="l", kind="psychologist"))
    assert await school(two_towns, "pedagogues_involved", "2035-2") == 1
    choice = {
        "name": "pedagogue_kinds",
        "value": ["teacher", "psychologist"],
        "valid_from": "2035-09-01",
        "source": "a choice of the test",
    }
    put = await two_towns.send("/parameters", choice, by="first.person", method="PUT")
    assert put.status_code == 200, put.text
    async with two_towns.database.transaction() as session:
        assert " 0 differ, " not in await recount.recount(session, clock.now())
        await recount.repair_counts(session, clock.now())
        assert " 0 differ, " in await recount.recount(session, clock.now())
    assert await school(two_towns, "pedagogues_involved", "2035-2") == 2
    by_other = {"level": "municipality", "place": OTHER_TOWN, "period": "2035-2"}
    seen = await two_towns.get(
        "/counts", by=OTHER_COORDINATOR, measure="pedagogues_involved", **by_other
    )
    assert seen.json()["notes"]["pedagogue_kinds"] == choice["value"]
