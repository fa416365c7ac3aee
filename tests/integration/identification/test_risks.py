"""Naming pupils: proposals, second looks, whom the programme serves, what stays restricted."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.builders_identification import (
    AUTUMN,
    COORDINATOR,
    HEAD,
    OFFICER,
    OTHER_TEACHER,
    TEACHER,
    TEACHER2,
    Programme,
    a_look,
)
from tests.integration.identification.facts import said_of


def a_proposal(
    pupil_ref: str, *factors: dict[str, Any], semester: str = "2017-1"
) -> dict[str, Any]:
    """A line that proposes a pupil."""
    return {
        "pupil_ref": pupil_ref,
        "semester": semester,
        "factors": list(factors) or [{"code": "lack_of_means"}],
    }


@pytest.mark.feature("I17")
@pytest.mark.feature("I8")
async def test_a_pupil_is_named_when_a_second_person_confirms(programme: Programme) -> None:
    ref = await programme.pupil()
    risk_id = await programme.proposal(ref, "lack_of_means", "unexcused_absences")
    assert len(await said_of(programme.doors, ref)) == 1
    (answer,) = await programme.doors.lines(
        "/risks/confirmations", [a_look(risk_id)], by=HEAD, at=AUTUMN
    )
    assert answer["details"]["state"] == "confirmed"
    named = (await said_of(programme.doors, ref))[-1]
    assert named.type.endswith("pupil-named.v1")
    assert [str(group) for group in named.risk_groups] == ["R1", "R3"]
    assert (named.semester, str(named.named_on), named.version) == ("2017-1", AUTUMN, 2)


@pytest.mark.feature("I27")
async def test_who_is_named_is_told_without_factors_or_reasons(programme: Programme) -> None:
    ref = await programme.pupil(family_name="Ērkšķogiņš")
    risk_id = await programme.proposal(ref, "addiction", "violence")
    look = {**a_look(risk_id), "reason": "Saw it in the yard."}
    await programme.accepted("/risks/confirmations", [look], by=HEAD)
    told = "".join(f.model_dump_json() for f in await said_of(programme.doors, ref))
    for secret in ("addiction", "violence", "yard", "Ērkšķ", "2004-03-10"):
        assert secret not in told


@pytest.mark.feature("I17")
async def test_nobody_confirms_an_own_proposal(programme: Programme) -> None:
    ref = await programme.pupil()
    risk_id = await programme.proposal(ref, by=COORDINATOR)
    refused = await programme.refused("/risks/confirmations", a_look(risk_id), by=COORDINATOR)
    assert refused == ("four-eyes", "risk_id")
    assert len(await said_of(programme.doors, ref)) == 1
    with pytest.raises(IntegrityError, match="risks_four_eyes"):
        async with programme.doors.database.transaction() as session:
            await session.execute(
                text("UPDATE risks SET decided_by = proposed_by WHERE risk_id = :id"),
                {"id": risk_id},
            )


async def test_a_rejection_needs_a_reason_and_leaves_room_for_another_proposal(
    programme: Programme,
) -> None:
    ref = await programme.pupil()
    risk_id = await programme.proposal(ref)
    no_reason = {"risk_id": risk_id, "decision": "reject", "reason": ""}
    assert await programme.refused("/risks/confirmations", no_reason, by=HEAD) == (
        "invalid",
        "reason",
    )
    await programme.accepted("/risks/confirmations", [a_look(risk_id, "reject")], by=HEAD)
    refused = await programme.refused("/risks/confirmations", a_look(risk_id), by=HEAD)
    assert refused == ("wrong-move", "risk_id")
    assert len(await said_of(programme.doors, ref)) == 1
    assert await programme.proposal(ref) != risk_id
    refused = await programme.refused("/risks", a_proposal(ref), by=TEACHER2)
    assert refused == ("already-proposed", "pupil_ref")


async def test_grades_one_to_four_are_served_from_autumn_2021(programme: Programme) -> None:
    ref = await programme.pupil(
        grade=3, birth_date="2010-10-10", valid_from="2020-09-01", at="2021-01-05"
    )
    line = a_proposal(ref, semester="2020-2")
    refused = await programme.refused("/risks", line, by=TEACHER, at="2021-01-20")
    assert refused == ("outside-target-group", "pupil_ref")
    promotion = {"pupil_ref": ref, "valid_from": "2021-09-01"}
    await programme.accepted("/pupils/promotions", [promotion], by=COORDINATOR, at="2021-09-01")
    await programme.named(ref, at="2021-09-10", semester="2021-1")
    assert (await said_of(programme.doors, ref))[-1].grade == 4


async def test_the_second_look_asks_again_whom_the_programme_serves(programme: Programme) -> None:
    ref = await programme.pupil(grade=5, birth_date="2006-10-10")
    risk_id = await programme.proposal(ref)
    new = {
        "name": "grades",
        "place": "east-1",
        "value": {"from": 6, "to": 12},
        "valid_from": "2017-10-01",
        "valid_to": "2017-10-31",
        "source": "a decision of the state",
    }
    put = await programme.doors.send("/parameters", new, by=OFFICER, method="PUT")
    assert put.status_code == 200, put.text
    look = a_look(risk_id)
    refused = await programme.refused("/risks/confirmations", look, by=HEAD, at="2017-10-02")
    assert refused == ("outside-target-group", "pupil_ref")
    await programme.accepted("/risks/confirmations", [look], by=HEAD, at="2017-09-30")


@pytest.mark.parametrize(
    ("factors", "semester", "code", "field"),
    [
        ([{"code": "bad_luck"}], "2017-1", "unknown-risk-factor", "factors.0.code"),
        ([{"code": "other_family"}], "2017-1", "factor-needs-text", "factors.0.text"),
        ([{"code": "paid_work"}] * 2, "2017-1", "factor-twice", "factors.1.code"),
        ([{"code": "paid_work"}], "2016-1", "unknown-semester", None),
        ([{"code": "paid_work"}], "2017-3", "invalid", "semester"),
    ],
)
async def test_a_proposal_that_is_wrong_is_refused(
    programme: Programme,
    factors: list[dict[str, Any]],
    semester: str,
    code: str,
    field: str | None,
) -> None:
    ref = await programme.pupil()
    line = a_proposal(ref, *factors, semester=semester)
    assert await programme.refused("/risks", line, by=TEACHER) == (code, field)


async def test_nobody_is_named_for_a_semester_that_is_over(programme: Programme) -> None:
    ref = await programme.pupil()
    refused = await programme.refused("/risks", a_proposal(ref), by=TEACHER, at="2017-12-23")
    assert refused == ("semester-over", "semester")


async def test_who_left_is_not_named(programme: Programme) -> None:
    ref = await programme.pupil()
    leave = {"pupil_ref": ref, "left_on": "2017-09-14", "reason_code": "other"}
    await programme.accepted("/pupils/departures", [leave], by=COORDINATOR)
    assert (await programme.refused("/risks", a_proposal(ref), by=TEACHER))[0] == "pupil-left"


async def test_another_school_neither_proposes_nor_confirms(programme: Programme) -> None:
    ref = await programme.pupil()
    nobody = f"p1:{'e' * 32}"
    for asked in (ref, nobody):
        refused = await programme.refused("/risks", a_proposal(asked), by=OTHER_TEACHER)
        assert refused[0] == "outside-your-organisation"
    risk_id = await programme.proposal(ref)
    refused = await programme.refused("/risks/confirmations", a_look(risk_id), by="head.west-1")
    assert refused[0] == "outside-your-organisation"
    unknown = await programme.refused("/risks/confirmations", a_look("risk-none"), by=HEAD)
    assert unknown == ("unknown-risk", "risk_id")


@pytest.mark.feature("I18")
async def test_health_violence_and_addiction_are_seen_by_few(programme: Programme) -> None:
    ref = await programme.pupil()
    factors = [
        {"code": "long_illness"},
        {"code": "violence"},
        {"code": "parents_addictions"},
        {"code": "paid_work"},
        {"code": "other_economic", "text": "The cow is ill."},
    ]
    line = {**a_proposal(ref, *factors), "note": "Seen by the nurse."}
    (risk_id,) = await programme.accepted("/risks", [line], by=TEACHER)

    async def codes(by: str) -> list[str | None]:
        answer = await programme.doors.get(f"/risks/{risk_id}", by=by, at=AUTUMN)
        assert answer.status_code == 200
        return [factor["code"] for factor in answer.json()["factors"]]

    everything = [factor["code"] for factor in factors]
    assert await codes(TEACHER) == everything
    assert await codes(HEAD) == everything
    for by in (TEACHER2, "municipality.east", OFFICER):
        assert await codes(by) == [None, None, None, "paid_work", None]
    answer = await programme.doors.get(f"/risks/{risk_id}", by=TEACHER2, at=AUTUMN)
    for secret in ("illness", "violence", "addictions", "nurse", "cow"):
        assert secret not in answer.text
    stranger = await programme.doors.get(f"/risks/{risk_id}", by=OTHER_TEACHER, at=AUTUMN)
    assert stranger.status_code == 403


@pytest.mark.feature("I18")
async def test_restricted_factors_lie_sealed(programme: Programme) -> None:
    ref = await programme.pupil()
    risk_id = await programme.proposal(ref, "long_illness", "violence", "paid_work")
    async with programme.doors.database.transaction() as session:
        rows = await session.execute(
            text("SELECT risk_group, factor_code FROM factors WHERE risk_id = :id ORDER BY number"),
            {"id": risk_id},
        )
        assert [tuple(row) for row in rows] == [("R2", None), ("R1", None), ("R3", "paid_work")]
    with pytest.raises(IntegrityError, match="factors_health_is_sealed"):
        async with programme.doors.database.transaction() as session:
            await session.execute(
                text(
                    "UPDATE factors SET factor_code = 'long_illness', factor_sealed = NULL "
                    "WHERE risk_id = :id AND risk_group = 'R2'"
                ),
                {"id": risk_id},
            )


@pytest.mark.feature("I20")
async def test_opening_a_proposal_is_written_down(programme: Programme) -> None:
    ref = await programme.pupil()
    risk_id = await programme.proposal(ref, "addiction")
    await programme.doors.get(f"/risks/{risk_id}", by=HEAD, at=AUTUMN, reason="before deciding")
    file = await programme.doors.get(f"/pupils/{ref}/file", by=HEAD, at=AUTUMN)
    reads = [(read["reader"], read["fields"], read["reason"]) for read in file.json()["reads"]]
    fields = ["note", "restricted_risk_factors", "risk_factors"]
    assert (HEAD, fields, "before deciding") in reads


@pytest.mark.feature("I28")
async def test_the_family_sees_what_was_noted_and_why(programme: Programme) -> None:
    ref = await programme.pupil()
    grant = {"subject": "parent.two", "role": "parent", "organisation": ref}
    await programme.accepted("/grants", [{**grant, "valid_from": "2017-01-01"}], by=OFFICER)
    await programme.named(ref)
    file = (await programme.doors.get(f"/pupils/{ref}/file", by="parent.two", at=AUTUMN)).json()
    (risk,) = file["risks"]
    assert risk["reason"] == "Talked with the class teacher."
    assert [factor["code"] for factor in risk["factors"]] == ["lack_of_means"]
    other = await programme.pupil()
    refused = await programme.doors.get(f"/pupils/{other}/file", by="parent.two", at=AUTUMN)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-your-organisation")


async def test_a_named_pupil_is_cleared_once(programme: Programme) -> None:
    ref = await programme.pupil()
    risk_id = await programme.named(ref)
    line = {"risk_id": risk_id, "reason_code": "risk-gone"}
    await programme.accepted("/risks/clearances", [line], by=HEAD)
    cleared = (await said_of(programme.doors, ref))[-1]
    assert (cleared.type.split(".")[2], cleared.reason_code) == ("pupil-cleared", "risk-gone")
    assert (await programme.refused("/risks/clearances", line, by=HEAD))[0] == "wrong-move"


async def test_a_hundred_proposals_cost_as_many_statements_as_one(
    programme: Programme, statements: Any
) -> None:
    refs = [await programme.pupil() for _ in range(101)]
    with statements() as one:
        await programme.accepted("/risks", [a_proposal(refs[0])], by=TEACHER)
    with statements() as hundred:
        await programme.accepted("/risks", [a_proposal(ref) for ref in refs[1:]], by=TEACHER)
    assert len(hundred) == len(one)
