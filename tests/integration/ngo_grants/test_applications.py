"""An organisation files what is complete, in time, once, and sees before what is missing."""

import pytest

from shared.auth import Role
from tests.builders_ngo_grants import (
    A_FORM,
    ANNOUNCED,
    AUDITOR,
    FILING,
    LAST_DAY,
    ORGANISATIONS,
    ORGANISER,
    Grants,
    refused,
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
