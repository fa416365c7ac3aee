"""Papers around an application: attachments, questions to its organisation, appeals."""

from typing import Any

import pytest

from tests.builders_ngo_grants import (
    A_FORM,
    CLOSING,
    DECIDING,
    ORGANISER,
    SECOND_ORGANISER,
    STATE_OFFICER,
    Grants,
    refused,
    sheet,
)

NOW = "2022-02-10"


async def a_draft_that_needs_papers(grants: Grants) -> tuple[str, str]:
    """A complete form in a call that asks for statutes: path and applicant."""
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
    dates = {"starts_on": "2022-05-01", "ends_on": "2022-09-30"}
    form = {**A_FORM, **dates, "activities": [{**A_FORM["activities"][0], **dates}]}
    body = {"call_id": call_id, "registration_number": number, "form": form}
    draft = await grants.send("/applications", body, by=subject, at=NOW)
    return f"/applications/{draft['application_id']}", subject


async def put_paper(grants: Grants, path: str, paper: bytes, *, by: str, key: str) -> Any:
    """Send a paper as it is."""
    headers = grants.doors.headers(by, NOW, key) | {"Content-Type": "application/pdf"}
    return await grants.doors.client.put(
        f"{path}/attachments/statutes",
        params={"name": "statuti.pdf"},
        content=paper,
        headers=headers,
    )


@pytest.mark.feature("G3")
async def test_papers_are_kept_sealed_and_asked_for(grants: Grants) -> None:
    path, subject = await a_draft_that_needs_papers(grants)
    answer = await grants.doors.send(f"{path}/submission", {}, by=subject, at=NOW)
    assert answer.json()["problems"][0]["field"] == "attachments.statutes"
    paper = b"%PDF-1.4 statuti"
    kept = await put_paper(grants, path, paper, by=subject, key="paper-1")
    assert kept.status_code == 200, kept.text
    large = await put_paper(grants, path, b"x" * 3_000_001, by=subject, key="paper-2")
    assert refused(large)[:2] == (413, "attachment-too-large")
    await grants.send(f"{path}/submission", {}, by=subject, at=NOW)
    read = await grants.doors.get(f"{path}/attachments/statutes", by=subject, at=NOW)
    assert read.content == paper and read.headers["content-type"] == "application/pdf"
    stranger = await grants.doors.get(f"{path}/attachments/statutes", by=ORGANISER, at=NOW)
    assert stranger.status_code == 403
    stored = await grants.stored_bytes()
    assert paper not in stored


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
