"""A committee's way to a decision it can defend."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.builders_ngo_grants import (
    CODES,
    DECIDING,
    EVALUATORS,
    MARKING,
    ORGANISER,
    SECOND_ORGANISER,
    STATE_OFFICER,
    Grants,
    refused,
    sheet,
)

VECPIEBALGA = {
    "48": ({code: "4" if code in {"2.1", "2.3"} else "5" for code in CODES}, "approved", set()),
    "44.5": ({code: "2" if code == "2.2" else "5" for code in CODES}, "rejected", {"2.2"}),
    "33": (
        {
            **dict.fromkeys(CODES, "4"),
            "2.2": "2",
            "2.4.1": "1.5",
            "2.4.3": "2.5",
            "2.1": "3.5",
            "2.3": "3.5",
        },
        "rejected",
        {"2.2", "2.4.1", "2.4.3"},
    ),
    "17": (
        {**dict.fromkeys(CODES, "1"), "2.2": "3", "2.4.1": "3", "2.4.3": "3", "2.1": "2"},
        "rejected",
        set(),
    ),
}


def adding_up_to(total: str, marks: dict[str, str]) -> dict[str, str]:
    """The marks, with what is lacking to the published total given in 2.4.7 and 2.4.6."""
    halves = {code: int(float(mark) * 2) for code, mark in marks.items()}
    lacking = int(float(total) * 2) - sum(halves.values())
    for code in ("2.4.7", "2.4.6", "2.4.5", "2.4.4"):
        step = max(-halves[code], min(10 - halves[code], lacking))
        halves[code] += step
        lacking -= step
    assert lacking == 0
    return {code: f"{half // 2}.{5 if half % 2 else 0}" for code, half in halves.items()}


@pytest.mark.feature("N14")
@pytest.mark.feature("G8")
@pytest.mark.feature("G10")
@pytest.mark.feature("G11")
@pytest.mark.feature("G12")
async def test_the_four_published_cases_come_out_as_published(grants: Grants) -> None:
    call_id = await grants.a_call(quota=2)
    filed = {}
    for total in VECPIEBALGA:
        filed[total] = await grants.an_application(call_id, title=f"Projekts {total}")
    await grants.close(call_id)
    for total, (marks, _, _) in VECPIEBALGA.items():
        await grants.mark(call_id, filed[total], adding_up_to(total, marks))
    decision = await grants.decide(call_id)
    assert (decision["approved"], decision["reserve"], decision["rejected"]) == (1, 0, 3)
    rows = {row["application_id"]: row for row in decision["ranking"]["rows"]}
    for total, (_, outcome, below) in VECPIEBALGA.items():
        row = rows[filed[total]]
        assert row["total_points"] == f"{float(total):.2f}"
        assert row["proposed_outcome"] == outcome
        assert {r["criterion"] for r in row["reasons"] if r["criterion"]} == below
        missed = any(r["code"] == "total-below-minimum" for r in row["reasons"])
        assert missed is (total == "17")
    lines = decision["ranking"]["lines"]
    assert (lines["rows_above_quota_line"], lines["rows_above_threshold_line"]) == (1, 1)
    assert lines["total_points_min"] == "30.00"
    assert lines["criteria_points_min"] == {"2.2": "3.00", "2.4.1": "3.00", "2.4.3": "3.00"}


@pytest.mark.feature("G18")
async def test_below_the_quorum_there_is_no_decision(grants: Grants) -> None:
    call_id = await grants.a_call()
    applicant = await grants.an_applicant()
    one = await grants.an_application(call_id, applicant=applicant)
    await grants.close(call_id, declare=False)
    await grants.declare(call_id, EVALUATORS[0], applicant[0])
    for evaluator in EVALUATORS[1:]:
        await grants.declare(call_id, evaluator)
    await grants.mark(call_id, one, sheet("5"), by=EVALUATORS[1:])
    answer = await grants.doors.send(f"/calls/{call_id}/decision", {}, by=ORGANISER, at=DECIDING)
    assert refused(answer)[:2] == (409, "below-quorum")
    assert answer.json()["applications"] == [{"application_id": one, "evaluators": 2}]
    call = await grants.get(f"/calls/{call_id}", by=ORGANISER)
    assert call["state"] == "closed"


async def test_half_filled_marks_stop_the_decision(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    await grants.mark(call_id, one, sheet("5"), by=EVALUATORS[:2])
    await grants.mark(call_id, one, {"2.1": "5"}, by=EVALUATORS[2:])
    answer = await grants.doors.send(f"/calls/{call_id}/decision", {}, by=ORGANISER, at=DECIDING)
    assert refused(answer)[:2] == (409, "marks-missing")
    assert answer.json()["pairs"] == [{"application_id": one, "evaluator": EVALUATORS[2]}]


@pytest.mark.feature("G14")
async def test_a_withdrawn_winner_is_followed_by_the_reserve(grants: Grants) -> None:
    call_id = await grants.a_call(quota=1)
    best = await grants.an_applicant()
    winner = await grants.an_application(call_id, applicant=best)
    second = await grants.an_application(call_id)
    third = await grants.an_application(call_id)
    await grants.close(call_id)
    for application, points in ((winner, "5"), (second, "4.5"), (third, "4")):
        await grants.mark(call_id, application, sheet(points))
    decision = await grants.decide(call_id)
    assert (decision["approved"], decision["reserve"]) == (1, 2)
    body = {"reason": "Vadītāja pārceļas."}
    await grants.send(f"/applications/{winner}/withdrawal", body, by=best[1], at="2018-11-20")
    listed = await grants.get("/applications", by=ORGANISER, call_id=call_id)
    states = {a["application_id"]: a["state"] for a in listed["applications"]}
    assert states == {winner: "withdrawn", second: "approved", third: "reserve"}
    facts = await decisions_told(grants, call_id)
    assert [(f["approved"], f["reserve"], f["rejected"]) for f in facts] == [(1, 2, 0), (1, 1, 0)]
    assert facts[0]["version"] < facts[1]["version"]


async def decisions_told(grants: Grants, call_id: str) -> list[dict[str, Any]]:
    """The decisions in the outbox about a call, in order."""
    import json

    async with grants.doors.database.transaction() as session:
        rows = await session.execute(
            text("SELECT payload FROM outbox WHERE part_key = :key ORDER BY id"), {"key": call_id}
        )
        told = [json.loads(payload) for (payload,) in rows]
    return [fact for fact in told if "decided_at" in fact]


@pytest.mark.feature("G21")
@pytest.mark.feature("N17")
async def test_the_protocol_is_ready_to_sign(grants: Grants) -> None:
    call_id = await grants.a_call()
    good = await grants.an_application(call_id, title="Labais")
    weak = await grants.an_application(call_id, title="Vājais")
    await grants.close(call_id)
    await grants.mark(call_id, good, sheet("4.5"))
    await grants.mark(call_id, weak, sheet({"2.2": "2.5"}))
    draft = await grants.get(f"/calls/{call_id}/protocol", by=ORGANISER)
    assert draft["draft"] and "PROJEKTS" in draft["text"]
    comments = [{"application_id": weak, "text": "Riska grupas iesaiste nav aprakstīta."}]
    await grants.decide(call_id, comments=comments)
    final = await grants.get(f"/calls/{call_id}/protocol", by=ORGANISER)
    assert not final["draft"]
    text_of = final["text"]
    assert "Lēmums pieņemts 15.11.2018." in text_of
    assert "Kritērijā 2.2 (riska grupas jauniešu iesaiste) iegūti 2.50 punkti" in text_of
    assert "bet minimums ir 3.00" in text_of
    assert "Riska grupas iesaiste nav aprakstīta." in text_of
    assert "kvotas robeža" in text_of
    for evaluator in EVALUATORS:
        assert f"Vārds {evaluator}  ____" in text_of
    plain = await grants.doors.get(
        f"/calls/{call_id}/protocol", by=ORGANISER, at=DECIDING, form="text"
    )
    assert plain.text == text_of


@pytest.mark.feature("G22")
async def test_the_deadline_is_watched_and_a_late_decision_says_why(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    await grants.mark(call_id, one, sheet("5"))
    late = "2018-12-01"
    call = await grants.get(f"/calls/{call_id}", by=ORGANISER, at="2018-11-20")
    assert (call["decide_by"], call["days_until_decision"]) == ("2018-11-30", 10)
    watched = await grants.get("/deadlines", by=STATE_OFFICER, at=late, only_overdue=True)
    assert call_id in [c["call_id"] for c in watched["calls"]]
    path = f"/calls/{call_id}/decision"
    answer = await grants.doors.send(path, {}, by=ORGANISER, at=late)
    assert refused(answer) == (422, "late-decision-needs-reason", "late_reason")
    body = {"late_reason": "Komisijas loceklis slimoja."}
    decision = await grants.send(path, body, by=ORGANISER, at=late)
    assert decision["late_reason"] == body["late_reason"]
    after = await grants.get("/deadlines", by=STATE_OFFICER, at=late)
    assert call_id not in [c["call_id"] for c in after["calls"]]


async def test_who_evaluates_does_not_record_the_decision(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    members = [{"subject": s, "name": s} for s in (*EVALUATORS, SECOND_ORGANISER)]
    await grants.close(call_id, members=members, declare=False)
    for evaluator in EVALUATORS:
        await grants.declare(call_id, evaluator)
    await grants.mark(call_id, one, sheet("5"))
    path = f"/calls/{call_id}/decision"
    answer = await grants.doors.send(path, {}, by=SECOND_ORGANISER, at=DECIDING)
    assert refused(answer)[:2] == (409, "four-eyes")
    await grants.decide(call_id)


async def test_the_same_decision_sent_twice_is_one(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    await grants.mark(call_id, one, sheet("5"))
    path = f"/calls/{call_id}/decision"
    first = await grants.doors.send(path, {}, by=ORGANISER, at=DECIDING, key=f"d-{call_id}")
    again = await grants.doors.send(path, {}, by=ORGANISER, at=DECIDING, key=f"d-{call_id}")
    assert first.json() == again.json()
    assert len(await decisions_told(grants, call_id)) == 1
    other = await grants.doors.send(path, {}, by=ORGANISER, at=DECIDING)
    assert refused(other)[:2] == (409, "wrong-move")


@pytest.mark.feature("N18")
@pytest.mark.feature("G2")
async def test_unused_places_are_visible_to_the_state(grants: Grants) -> None:
    call_id = await grants.a_call(quota=3)
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    await grants.mark(call_id, one, sheet("5"))
    await grants.decide(call_id)
    places = await grants.get("/free-places", by=STATE_OFFICER, year=2018)
    mine = next(c for c in places["calls"] if c["call_id"] == call_id)
    assert (mine["quota"], mine["approved"], mine["unused"]) == (3, 1, 2)
    assert places["unused"] >= 2
    answer = await grants.doors.get("/free-places", by=ORGANISER, at=MARKING, year=2018)
    assert refused(answer)[:2] == (403, "role-missing")
