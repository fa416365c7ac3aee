"""An organisation files what is complete, in time, once, and sees before what is missing."""

from typing import Any

import pytest

from shared.auth import Role
from tests.builders_ngo_grants import (
    A_FORM,
    ANNOUNCED,
    AUDITOR,
    CLOSING,
    DECIDING,
    EVALUATORS,
    FILING,
    LAST_DAY,
    MARKING,
    ORGANISATIONS,
    ORGANISER,
    SECOND_ORGANISER,
    STATE_OFFICER,
    Grants,
    refused,
    sheet,
)


@pytest.mark.feature("G4")
async def test_the_registration_number_is_checked_by_its_rule(grants: Grants) -> None:
    await grants.doors.grant("applicant.wrong", Role.APPLICANT, "40003521601")
    body = {
        "registration_number": "40003521601",
        "name": "Biedrība",
        "kind": "association",
        "youth_work": "Darbs ar jauniešiem.",
    }
    answer = await grants.doors.send("/applicants", body, by="applicant.wrong", at=FILING)
    assert refused(answer) == (422, "registration-number", "registration_number")
    other = {**body, "registration_number": "40003521600"}
    answer = await grants.doors.send("/applicants", other, by="applicant.wrong", at=FILING)
    assert refused(answer)[:2] == (403, "outside-your-organisation")


@pytest.mark.feature("G5")
async def test_an_informal_group_applies_only_with_an_organisation(grants: Grants) -> None:
    number = next(ORGANISATIONS)
    await grants.doors.grant("a.group", Role.APPLICANT, number)
    alone = {
        "registration_number": number,
        "name": "Pagalma grupa",
        "kind": "informal_group",
        "youth_work": "Pagalma pasākumi.",
    }
    answer = await grants.doors.send("/applicants", alone, by="a.group", at=FILING)
    assert refused(answer) == (409, "informal-group-alone", "kind")
    members = [{"kind": "group_member", "name": f"Dalībnieks {n}"} for n in range(3)]
    carried = {
        **alone,
        "name": "Biedrība",
        "kind": "association",
        "youth_group": "Pagalma grupa",
        "people": members,
    }
    await grants.send("/applicants", carried, by="a.group", at=FILING)
    shown = await grants.get(f"/applicants/{number}", by="a.group")
    assert (shown["kind"], shown["youth_group"]) == ("association", "Pagalma grupa")


async def test_an_organisation_that_is_not_registered_cannot_apply(grants: Grants) -> None:
    call_id = await grants.a_call()
    number = next(ORGANISATIONS)
    await grants.doors.grant("not.yet", Role.APPLICANT, number)
    body = {"call_id": call_id, "registration_number": number}
    answer = await grants.doors.send("/applications", body, by="not.yet", at=FILING)
    assert refused(answer)[:2] == (404, "unknown-applicant")


@pytest.mark.feature("G6")
@pytest.mark.feature("G3")
async def test_what_is_missing_is_shown_before_the_deadline(grants: Grants) -> None:
    call_id = await grants.a_call()
    number, subject = await grants.an_applicant()
    body = {"call_id": call_id, "registration_number": number}
    draft = await grants.send("/applications", body, by=subject, at=ANNOUNCED)
    path = f"/applications/{draft['application_id']}"
    found = await grants.get(f"{path}/completeness", by=subject, at=FILING)
    assert not found["complete"] and found["takes_applications"]
    assert found["closes_on"] == LAST_DAY
    assert "title" in {p["field"] for p in found["problems"]}
    answer = await grants.doors.send(f"{path}/submission", {}, by=subject, at=FILING)
    assert refused(answer)[:2] == (409, "application-incomplete")
    assert answer.json()["problems"] == found["problems"]
    whole = {"form": {**A_FORM, "title": "vārds " * 21}, "version": 1}
    await grants.send(path, whole, by=subject, at=FILING, method="PUT")
    answer = await grants.doors.send(f"{path}/submission", {}, by=subject, at=FILING)
    assert refused(answer) == (422, "too-many-words", "title")
    assert answer.json()["words"] == 21
    stale = {"form": A_FORM, "version": 1}
    answer = await grants.doors.send(path, stale, by=subject, at=FILING, method="PUT")
    assert refused(answer) == (409, "stale-version", "version")
    await grants.send(path, {"form": A_FORM, "version": 2}, by=subject, at=FILING, method="PUT")
    found = await grants.get(f"{path}/completeness", by=subject, at=FILING)
    assert found["complete"] and found["problems"] == []
    filed = await grants.send(f"{path}/submission", {}, by=subject, at=FILING)
    assert filed["state"] == "submitted"


async def test_an_application_is_filed_inside_the_window_only(grants: Grants) -> None:
    call_id = await grants.a_call(publish=False, opens_on="2018-10-10", closes_on="2018-11-15")
    await grants.send(f"/calls/{call_id}/publication", {}, by=ORGANISER, at=ANNOUNCED)
    number, subject = await grants.an_applicant()
    body = {"call_id": call_id, "registration_number": number, "form": A_FORM}
    draft = await grants.send("/applications", body, by=subject, at=ANNOUNCED)
    path = f"/applications/{draft['application_id']}/submission"
    for outside in ("2018-10-09", "2018-11-16", "2018-11-15T22:00:00+00:00"):
        answer = await grants.doors.send(path, {}, by=subject, at=outside)
        assert refused(answer)[:2] == (409, "outside-call-window"), outside
    await grants.send(path, {}, by=subject, at="2018-11-15T21:59:59+00:00")
    answer = await grants.doors.send("/applications", body, by=subject, at="2018-11-16")
    assert refused(answer)[:2] == (409, "outside-call-window")


async def test_the_amount_is_fixed_and_a_project_is_filed_once(grants: Grants) -> None:
    call_id = await grants.a_call()
    number, subject = await grants.an_applicant()
    body = {"call_id": call_id, "registration_number": number, "form": A_FORM}
    more = {**body, "amount_cents": 500_000}
    answer = await grants.doors.send("/applications", more, by=subject, at=FILING)
    assert refused(answer) == (422, "amount-is-fixed", "amount_cents")
    await grants.send("/applications", {**body, "amount_cents": 460_000}, by=subject, at=FILING)
    same = {**body, "form": {**A_FORM, "title": "  KOPĀ  līdz skolas beigām "}}
    answer = await grants.doors.send("/applications", same, by=subject, at=FILING)
    assert refused(answer) == (409, "application-repeated", "form.title")
    other = {**body, "form": {**A_FORM, "title": "Cits projekts"}}
    await grants.send("/applications", other, by=subject, at=FILING)


@pytest.mark.feature("G3")
async def test_papers_are_kept_sealed_and_asked_for(grants: Grants) -> None:
    value = {
        "name": "ngo_attachments",
        "place": "90000025465",
        "value": ["statutes"],
        "valid_from": "2022-01-01",
        "source": "nolikum 2022, test",
    }
    await grants.send("/parameters", value, by=STATE_OFFICER, at="2022-01-01", method="PUT")
    call_id = await grants.a_call(publish=False, opens_on="2022-02-01", closes_on="2022-03-10")
    await grants.send(f"/calls/{call_id}/publication", {}, by=ORGANISER, at="2022-02-01")
    number, subject = await grants.an_applicant()
    activity = {**A_FORM["activities"][0], "starts_on": "2022-05-01", "ends_on": "2022-05-02"}
    form = {
        **A_FORM,
        "starts_on": "2022-05-01",
        "ends_on": "2022-09-30",
        "activities": [activity],
    }
    body = {"call_id": call_id, "registration_number": number, "form": form}
    at = "2022-02-10"
    draft = await grants.send("/applications", body, by=subject, at=at)
    path = f"/applications/{draft['application_id']}"
    answer = await grants.doors.send(f"{path}/submission", {}, by=subject, at=at)
    assert answer.json()["problems"][0]["field"] == "attachments.statutes"
    headers = grants.doors.headers(subject, at, "paper-1") | {"Content-Type": "application/pdf"}
    paper = b"%PDF-1.4 statuti"
    kept = await grants.doors.client.put(
        f"{path}/attachments/statutes",
        params={"name": "statuti.pdf"},
        content=paper,
        headers=headers,
    )
    assert kept.status_code == 200, kept.text
    too_large = await grants.doors.client.put(
        f"{path}/attachments/statutes",
        params={"name": "x"},
        content=b"x" * 3_000_001,
        headers=grants.doors.headers(subject, at, "paper-2"),
    )
    assert refused(too_large)[:2] == (413, "attachment-too-large")
    await grants.send(f"{path}/submission", {}, by=subject, at=at)
    read = await grants.doors.get(f"{path}/attachments/statutes", by=subject, at=at)
    assert read.content == paper and read.headers["content-type"] == "application/pdf"
    stranger = await grants.doors.get(f"{path}/attachments/statutes", by=ORGANISER, at=at)
    assert stranger.status_code == 403


@pytest.mark.feature("G6")
async def test_a_question_is_answered_in_time_or_the_application_is_refused(
    grants: Grants,
) -> None:
    call_id = await grants.a_call(quota=2)
    number, subject = await grants.an_applicant()
    one = await grants.an_application(call_id, applicant=(number, subject))
    two = await grants.an_application(call_id)
    await grants.close(call_id)
    question = {"question": "Kur notiks darbnīcas?", "answer_by": "2018-11-08"}
    for application in (one, two):
        path = f"/applications/{application}/clarification"
        await grants.send(path, question, by=ORGANISER, at=CLOSING)
    answer = await grants.doors.send(f"/calls/{call_id}/decision", {}, by=ORGANISER, at=DECIDING)
    assert refused(answer)[:2] == (409, "clarification-open")
    given = {"answer": "Rēzeknē, jauniešu centrā.", "form": {**A_FORM, "title": "Precizēts"}}
    path = f"/applications/{one}/clarification/answer"
    cleared = await grants.send(path, given, by=subject, at="2018-11-08")
    assert (cleared["state"], cleared["title"]) == ("admissible", "Precizēts")
    late = await grants.doors.send(
        f"/applications/{two}/clarification/answer",
        given,
        by=f"applicant.{two.split('-')[3]}",
        at="2018-11-09",
    )
    assert refused(late)[:2] == (409, "clarification-late")
    why = {"criterion": "1.5", "reason": "Atbilde nav saņemta."}
    no = await grants.send(f"/applications/{two}/refusal", why, by=ORGANISER, at="2018-11-09")
    assert no["state"] == "refused" and no["reasons"][0]["criterion"] == "1.5"
    asked = await grants.get(f"/applications/{one}/clarifications", by=subject)
    assert asked["clarifications"][0]["answer"] == given["answer"]
    await grants.mark(call_id, one, sheet("5"))
    decision = await grants.decide(call_id)
    assert (decision["approved"], decision["rejected"]) == (1, 1)
    protocol = await grants.get(f"/calls/{call_id}/protocol", by=ORGANISER)
    assert "neatbilst administratīvajam kritērijam 1.5" in protocol["text"]
    assert "Atbilde nav saņemta." in protocol["text"]


@pytest.mark.feature("G23")
async def test_an_appeal_is_answered_by_somebody_else(grants: Grants) -> None:
    call_id = await grants.a_call()
    number, subject = await grants.an_applicant()
    weak = await grants.an_application(call_id, applicant=(number, subject))
    best = await grants.an_application(call_id)
    await grants.close(call_id)
    await grants.mark(call_id, weak, sheet({"2.2": "2.5"}))
    await grants.mark(call_id, best, sheet("5"))
    path = f"/applications/{weak}/appeal"
    grounds = {"grounds": "Riska grupas iesaiste ir aprakstīta 4. lapā."}
    answer = await grants.doors.send(path, grounds, by=subject, at=DECIDING)
    assert refused(answer)[:2] == (409, "wrong-move")
    await grants.decide(call_id)
    answer = await grants.doors.send(path, grounds, by=subject, at="2018-12-16")
    assert refused(answer)[:2] == (409, "appeal-late")
    await grants.send(path, grounds, by=subject, at="2018-12-15")
    answer = await grants.doors.send(path, grounds, by=subject, at="2018-12-15")
    assert refused(answer)[:2] == (409, "appeal-twice")
    upheld = {"upheld": True, "reason": "Apraksts tiešām bija pievienots."}
    answer = await grants.doors.send(f"{path}/answer", upheld, by=ORGANISER, at="2018-12-17")
    assert refused(answer)[:2] == (409, "four-eyes")
    given = await grants.send(f"{path}/answer", upheld, by=SECOND_ORGANISER, at="2018-12-17")
    assert given["answer"] == "upheld"
    application = await grants.get(f"/applications/{weak}", by=subject)
    assert (application["state"], application["place"]) == ("reserve", 2)


async def test_strangers_see_nothing_of_an_application(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    _, stranger = await grants.an_applicant()
    for path in (f"/applications/{one}", f"/applications/{one}/completeness"):
        answer = await grants.doors.get(path, by=stranger, at=FILING)
        assert refused(answer)[:2] == (403, "outside-your-organisation"), path
    for path, body in [
        (f"/applications/{one}/submission", {}),
        (f"/applications/{one}/withdrawal", {"reason": "nē, paldies"}),
        (f"/applications/{one}/appeal", {"grounds": "nē, paldies"}),
        (
            f"/projects/{one}/proof",
            {"participants": 1, "participants_at_risk": 1, "summary": "xxx", "publicity": "x"},
        ),
    ]:
        answer = await grants.doors.send(path, body, by=stranger, at=FILING)
        assert refused(answer)[:2] == (403, "outside-your-organisation"), path
    listed = await grants.get("/applications", by=stranger, at=FILING, call_id=call_id)
    assert listed["applications"] == []
    early = await grants.doors.get(f"/applications/{one}", by=ORGANISER, at=FILING)
    assert refused(early)[:2] == (403, "outside-your-organisation")
    overseen = await grants.get(f"/applications/{one}", by=AUDITOR, at=FILING)
    assert overseen["form"]["participants_at_risk"] == 10


async def test_bulk_marks_answer_every_line(grants: Grants) -> None:
    call_id = await grants.a_call()
    one = await grants.an_application(call_id)
    await grants.close(call_id)
    good = {"application_id": one, "criterion": "2.1", "points": "4.5"}
    lines: list[dict[str, Any]] = [
        good,
        good,
        {**good, "criterion": "9.9"},
        {**good, "criterion": "2.2", "points": "4.2"},
        {**good, "criterion": "2.2", "points": "5.5"},
        {**good, "criterion": "2.2", "half_points": 3},
        {"application_id": one, "criterion": "2.2"},
        {"application_id": one, "criterion": "2.2", "half_points": -1},
        {"application_id": one, "criterion": "2.2", "half_points": 9.5},
        {"application_id": "nowhere", "criterion": "2.2", "half_points": 9},
        {"application_id": one, "criterion": "2.2", "half_points": 9},
    ]
    path = f"/calls/{call_id}/marks"
    by = EVALUATORS[0]
    stopped = await grants.doors.send(path, lines, by=by, at=MARKING, on_error="stop")
    assert refused(stopped)[:2] == (409, "bulk-stopped")
    assert (await grants.get(path, by=by, at=MARKING))["marks"] == []
    answers = await grants.doors.lines(path, lines, by=by, at=MARKING)
    assert [a["code"] for a in answers] == [
        None,
        "mark-twice",
        "unknown-criterion",
        "bad-mark",
        "mark-out-of-range",
        "invalid",
        "invalid",
        "mark-out-of-range",
        "invalid",
        "unknown-application",
        None,
    ]
    kept = await grants.get(path, by=by, at=MARKING)
    assert {(m["criterion"], m["half_points"]) for m in kept["marks"]} == {("2.1", 9), ("2.2", 9)}
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
