"""Marks are given in bulk, each line answered, by members of a committee that can decide."""

from typing import Any

from tests.builders_ngo_grants import (
    DECIDING,
    EVALUATORS,
    FILING,
    MARKING,
    ORGANISER,
    Grants,
    refused,
    sheet,
)


async def test_bulk_marks_answer_every_line(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    good = {"application_id": one, "criterion": "2.1", "points": "4.5"}
    second: dict[str, Any] = {"application_id": one, "criterion": "2.2"}
    lines: list[tuple[dict[str, Any], str | None]] = [
        (good, None),
        (good, "mark-twice"),
        ({**good, "criterion": "9.9"}, "unknown-criterion"),
        ({**second, "points": "4.2"}, "bad-mark"),
        ({**second, "points": "5.5"}, "mark-out-of-range"),
        ({**second, "points": "1", "half_points": 3}, "invalid"),
        (second, "invalid"),
        ({**second, "half_points": -1}, "mark-out-of-range"),
        ({**second, "half_points": 9.5}, "invalid"),
        ({**second, "application_id": "nowhere", "half_points": 9}, "unknown-application"),
        ({**second, "half_points": 9}, None),
    ]
    sent = [line for line, _ in lines]
    path = f"/calls/{call_id}/marks"
    by = EVALUATORS[0]
    stopped = await grants.doors.send(path, sent, by=by, at=MARKING, on_error="stop")
    assert refused(stopped)[:2] == (409, "bulk-stopped")
    assert (await grants.get(path, by=by, at=MARKING))["marks"] == []
    answers = await grants.doors.lines(path, sent, by=by, at=MARKING)
    assert [a["code"] for a in answers] == [code for _, code in lines]
    kept = await grants.get(path, by=by, at=MARKING)
    assert {(m["criterion"], m["half_points"]) for m in kept["marks"]} == {("2.1", 9), ("2.2", 9)}


async def test_marks_come_as_csv_too_and_corrections_are_counted(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    by = EVALUATORS[0]
    await grants.mark(call_id, one, {"2.1": "4.5", "2.2": "4.5"}, by=[by])
    path = f"/calls/{call_id}/marks"
    headers = grants.doors.headers(by, f"{MARKING}T10:00:00+00:00", "csv-1")
    text = f"application_id,criterion,points\n{one},2.3,3.5\n{one},2.1,4\n"
    csv = await grants.doors.client.post(
        path, content=text.encode(), headers={**headers, "Content-Type": "text/csv"}
    )
    assert csv.json()["accepted"] == 2, csv.text
    changed = await grants.get(path, by=by, at=MARKING)
    versions = {m["criterion"]: m["version"] for m in changed["marks"]}
    assert versions == {"2.1": 2, "2.2": 1, "2.3": 1}


async def test_marks_are_given_between_closing_and_decision(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    members = [{"subject": e, "name": e} for e in EVALUATORS]
    path = f"/calls/{call_id}/committee"
    two = {"members": members[:2]}
    answer = await grants.doors.send(path, two, by=ORGANISER, at=FILING)
    assert refused(answer) == (422, "committee-too-small", "members")
    twice = {"members": [*members, members[0]]}
    answer = await grants.doors.send(path, twice, by=ORGANISER, at=FILING)
    assert refused(answer) == (422, "member-twice", "members")
    named = await grants.send(
        path,
        {"members": [*members, {"subject": "evaluator.new", "name": "Jauns"}]},
        by=ORGANISER,
        at=FILING,
    )
    waiting = {m["subject"]: m["waits_for"] for m in named["members"]}
    assert waiting["evaluator.new"] == ["evaluator of 90000025465"]
    assert waiting[EVALUATORS[0]] == []
    await grants.declare(call_id, EVALUATORS[0])
    line = [{"application_id": one, "criterion": "2.1", "points": "4"}]
    marks = f"/calls/{call_id}/marks"
    answer = await grants.doors.send(marks, line, by=EVALUATORS[0], at=FILING)
    assert refused(answer)[:2] == (409, "wrong-move")
    await grants.close(call_id, members=members)
    await grants.mark(call_id, one, sheet("5"))
    await grants.decide(call_id)
    answer = await grants.doors.send(marks, line, by=EVALUATORS[0], at=DECIDING)
    assert refused(answer)[:2] == (409, "wrong-move")
