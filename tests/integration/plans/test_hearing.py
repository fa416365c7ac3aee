"""What plans hears: kept once however often it is told, and the newest stays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, text

from services.plans.app import SERVICE
from shared.contracts.identification import PupilMoved, PupilPromoted
from shared.contracts.payments import PaymentOrdered, PaymentRecovered, PaymentSettled
from tests.builders_plan_places import (
    HEAD,
    OTHER_SCHOOL,
    OTHER_TOWN,
    TEACHER,
    TOWN,
    enrolled,
    named,
    pupil_ref,
    signed,
    tell,
)
from tests.builders_plans import a_draft, approved, kept
from tests.doors import Doors, told
from tests.integration.plans.test_money import an_order


async def rows(plans: Doors, table: str, key: str, value: str) -> list[dict[str, Any]]:
    """Rows of a table by a key."""
    statement = text(f"SELECT * FROM {table} WHERE {key} = :value")  # names of this file only
    async with plans.database.transaction() as session:
        found = await session.execute(statement, {"value": value})
        return [dict(row) for row in found.mappings()]


def moved(number: int, version: int) -> PupilMoved:
    """A pupil who came to the other school."""
    old = enrolled(number, OTHER_SCHOOL)
    return PupilMoved(
        **old.model_dump(exclude={"version"}),
        version=version,
        from_school_id="school-one",
        from_municipality_id=TOWN,
        from_partner=TOWN,
    )


async def test_telling_about_a_pupil_again_changes_nothing(plans: Doors) -> None:
    facts = [
        enrolled(1),
        named(1),
        signed(1),
        moved(1, 4),
        named(1, "R4", school=OTHER_SCHOOL, version=5),
    ]
    await tell(plans, *facts)
    before = [
        await rows(plans, table, "pupil_ref", pupil_ref(1))
        for table in ("pupils", "namings", "applications")
    ]
    assert before[0][0]["school_id"] == OTHER_SCHOOL
    assert before[0][0]["municipality_id"] == OTHER_TOWN
    assert before[1][0]["risk_groups"] == ["R4"]
    await tell(plans, *facts, *facts)
    after = [
        await rows(plans, table, "pupil_ref", pupil_ref(1))
        for table in ("pupils", "namings", "applications")
    ]
    assert after == before


async def test_a_pupil_in_another_grade_gets_the_new_grade_in_new_plans(plans: Doors) -> None:
    await tell(plans, enrolled(2), named(2), signed(2))
    place = named(2).model_dump(include={"pupil_ref", "partner", "school_id", "municipality_id"})
    await tell(
        plans,
        PupilPromoted(
            **place, version=9, programme="general", grade=8, valid_from=date(2017, 9, 1)
        ),
    )
    answers = await plans.lines("/plans", [a_draft(pupil_ref(2))], by=TEACHER, at="2017-09-06")
    shown = (await plans.get(f"/plans/{kept(answers)[0]['id']}", by=TEACHER)).json()
    assert shown["grade"] == 8


async def test_orders_told_again_count_once_and_recoveries_count_back(plans: Doors) -> None:
    draft = await approved(plans, 3)
    order = an_order(3, draft)
    settled = PaymentSettled(**(order | {"version": 2}), booked_on="2017-10-09")
    recovered = PaymentRecovered(
        **(order | {"version": 3, "cents": 1000, "esf_cents": 850, "state_cents": 150}),
        booked_on="2017-11-09",
        reason_code="not_there",
    )
    for _ in range(3):
        await tell(plans, PaymentOrdered(**order), settled, recovered, recovered)
    shown = (await plans.get(f"/plans/{draft['id']}", by=TEACHER)).json()
    assert shown["finance"]["used_cents"] == 2500


async def test_facts_of_one_batch_are_applied_by_a_fixed_number_of_statements(
    plans: Doors,
) -> None:
    handlers = {kind: one for c in SERVICE.all_consumers for kind, one in c.handles.items()}
    counts = []
    for numbers in (range(100, 102), range(200, 260)):
        async with counted(plans) as statements, plans.database.transaction() as session:
            for build in (enrolled, named, signed):
                facts = [told(build(number)) for number in numbers]
                await handlers[type(facts[0].fact)](session, facts)
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_a_bulk_command_is_a_fixed_number_of_statements(plans: Doors) -> None:
    counts = []
    for numbers in (range(300, 302), range(400, 460)):
        for number in numbers:
            await tell(plans, enrolled(number), named(number), signed(number))
        drafts = [a_draft(pupil_ref(number)) for number in numbers]
        seen = []
        async with counted(plans) as statements:
            answers = kept(await plans.lines("/plans", drafts, by=TEACHER, at="2017-09-06"))
        seen.append(len(statements))
        line = [{"plan_id": answer["id"]} for answer in answers]
        for path, who in (
            ("submissions", TEACHER),
            ("approvals", HEAD),
            ("approvals", "coordinator"),
            ("approvals", "state.officer"),
        ):
            async with counted(plans) as statements:
                kept(await plans.lines(f"/plans/{path}", line, by=who, at="2017-09-07"))
            seen.append(len(statements))
        counts.append(seen)
    assert counts[0] == counts[1]
    assert max(counts[0]) < 35


@asynccontextmanager
async def counted(plans: Doors) -> AsyncIterator[list[str]]:
    """The statements that were sent meanwhile."""
    statements: list[str] = []
    engine = plans.database._engine.sync_engine

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.feature("P28")
async def test_candidates_are_named_pupils_without_a_plan_and_what_they_lack(
    plans: Doors,
) -> None:
    await tell(plans, enrolled(20), named(20), signed(20), enrolled(21), named(21))
    await approved(plans, 22)
    seen = (await plans.get("/candidates", by=HEAD, semester="2017-1", limit=1000)).json()
    missing = {one["pupil_ref"]: one["missing"] for one in seen["candidates"]}
    assert missing[pupil_ref(20)] == []
    assert missing[pupil_ref(21)] == ["signed-application"]
    assert pupil_ref(22) not in missing
    others = (await plans.get("/candidates", by="other.head", semester="2017-1")).json()
    assert pupil_ref(20) not in [one["pupil_ref"] for one in others["candidates"]]
    page = (await plans.get("/candidates", by=HEAD, semester="2017-1", limit=1)).json()
    assert page["next_after"] == page["candidates"][0]["pupil_ref"]


@pytest.mark.feature("P28")
async def test_a_moved_pupils_plan_waits_for_the_old_school(plans: Doors) -> None:
    draft = await approved(plans, 30)
    await tell(plans, moved(30, 9))
    waits = (await plans.get("/waiting", by=TEACHER, at="2017-10-02")).json()["waiting"]
    assert ("pupil-moved", draft["id"]) in [(one["kind"], one["plan_id"]) for one in waits]


async def test_lists_and_rules_are_data_with_labels_sources_and_dates(plans: Doors) -> None:
    lists = (await plans.get("/code-lists", by=HEAD)).json()["code_lists"]
    sizes = {one["name"]: len(one["entries"]) for one in lists}
    assert sizes == {
        "support_type": 8,
        "provider_kind": 9,
        "consultation_setting": 3,
        "document_kind": 1,
    }
    assert all(entry["label_lv"] and entry["label_en"] for one in lists for entry in one["entries"])
    kinds = (await plans.get("/code-lists/provider_kind", by=HEAD)).json()["entries"]
    assert sorted(k["code"] for k in kinds if k["attributes"]["counts_as_pedagogue"]) == [
        "social_pedagogue",
        "special_education_teacher",
        "teacher",
        "teacher_assistant",
    ]
    answer = await plans.get("/parameters", by=HEAD, name="plan_preparer_kinds", on="2017-10-01")
    value = answer.json()["parameters"][0]
    assert (value["value"], value["valid_from"]) == (["teacher", "psychologist"], "2017-03-01")
    assert value["source"]
