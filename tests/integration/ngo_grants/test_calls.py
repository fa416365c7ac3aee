"""A call keeps what it promised: its window, its quota, its rules."""

import pytest

from shared.auth import Role
from tests.builders_ngo_grants import (
    ANNOUNCED,
    CLOSING,
    FILING,
    LAST_DAY,
    ORGANISER,
    PLACE,
    STATE_OFFICER,
    Grants,
    refused,
)

NEW = {
    "municipality_id": PLACE,
    "opens_on": ANNOUNCED,
    "quota": 1,
    "nolikum_version": "2018-1",
}
REASON = {"reason_code": "holidays", "reason": "Skolēnu brīvlaiks."}


@pytest.mark.feature("G1")
async def test_a_window_is_thirty_days_and_not_shorter(grants: Grants) -> None:
    call = await grants.send("/calls", NEW, by=ORGANISER, at="2018-09-20")
    assert (call["opens_on"], call["closes_on"]) == (ANNOUNCED, LAST_DAY)
    assert call["grant_cents"] == 460_000
    assert call["decide_by"] == "2018-11-30"
    short = {**NEW, "closes_on": "2018-10-30"}
    answer = await grants.doors.send("/calls", short, by=ORGANISER, at="2018-09-20")
    assert refused(answer) == (422, "call-window-too-short", "closes_on")
    assert answer.json()["earliest"] == LAST_DAY


@pytest.mark.feature("G1")
async def test_a_published_call_changes_only_with_a_reason(grants: Grants) -> None:
    call_id = await grants.a_call()
    path = f"/calls/{call_id}/prolongation"
    answer = await grants.doors.send(path, {"closes_on": "2018-11-10"}, by=ORGANISER, at=FILING)
    assert refused(answer)[:2] == (422, "invalid")
    shorter = {"closes_on": "2018-10-25", **REASON}
    answer = await grants.doors.send(path, shorter, by=ORGANISER, at=FILING)
    assert refused(answer) == (422, "call-not-prolonged", "closes_on")
    unknown = {"closes_on": "2018-11-10", **REASON, "reason_code": "mood"}
    answer = await grants.doors.send(path, unknown, by=ORGANISER, at=FILING)
    assert refused(answer) == (422, "unknown-reason", "reason_code")
    longer = {"closes_on": "2018-11-10", **REASON}
    call = await grants.send(path, longer, by=ORGANISER, at=FILING)
    assert call["closes_on"] == "2018-11-10" and call["decide_by"] == "2018-12-10"
    answer = await grants.doors.send(path, longer, by=ORGANISER, at="2018-11-11")
    assert refused(answer)[:2] == (409, "call-window-over")
    history = await grants.get(f"/calls/{call_id}/history", by=ORGANISER)
    assert [line["what"] for line in history["history"]] == ["created", "published", "prolonged"]
    assert history["history"][2]["reason"] == REASON["reason"]
    again = await grants.doors.send(f"/calls/{call_id}/publication", {}, by=ORGANISER, at=ANNOUNCED)
    assert refused(again)[:2] == (409, "wrong-move")


@pytest.mark.feature("G1")
async def test_a_late_publication_would_shorten_the_window(grants: Grants) -> None:
    call_id = await grants.a_call(publish=False)
    path = f"/calls/{call_id}/publication"
    answer = await grants.doors.send(path, {}, by=ORGANISER, at="2018-10-02")
    assert refused(answer)[:2] == (409, "call-published-late")


async def test_a_call_closes_after_its_last_day_in_riga(grants: Grants) -> None:
    call_id = await grants.a_call()
    path = f"/calls/{call_id}/closing"
    for still in (f"{LAST_DAY}T21:59:59+00:00", f"{LAST_DAY}T12:00:00+02:00"):
        answer = await grants.doors.send(path, {}, by=ORGANISER, at=still)
        assert refused(answer)[:2] == (409, "call-window-open")
    call = await grants.send(path, {}, by=ORGANISER, at=f"{LAST_DAY}T22:00:00+00:00")
    assert (call["state"], call["closed_on"]) == ("closed", "2018-11-01")


async def test_a_cancelled_call_ends_its_applications(grants: Grants) -> None:
    call_id = await grants.a_call()
    number, subject = await grants.an_applicant()
    one = await grants.an_application(call_id, applicant=(number, subject))
    path = f"/calls/{call_id}/cancellation"
    call = await grants.send(path, REASON, by=ORGANISER, at=FILING)
    assert call["state"] == "cancelled"
    application = await grants.get(f"/applications/{one}", by=subject, at=FILING)
    assert application["state"] == "lapsed"
    answer = await grants.doors.send(path, REASON, by=ORGANISER, at=FILING)
    assert refused(answer)[:2] == (409, "wrong-move")


@pytest.mark.feature("G2")
async def test_the_quota_follows_the_pupils_where_the_programme_says_so(grants: Grants) -> None:
    municipality = "90000054572"
    await grants.doors.grant("organiser.far", Role.CALL_ORGANISER, municipality)
    value = {
        "name": "pupils_per_project",
        "place": municipality,
        "value": 1000,
        "valid_from": "2018-01-01",
        "source": "order of the state, test",
    }
    await grants.send("/parameters", value, by=STATE_OFFICER, at="2018-09-01", method="PUT")
    new = {**NEW, "municipality_id": municipality}
    answer = await grants.doors.send("/calls", new, by="organiser.far", at="2018-09-20")
    assert refused(answer) == (422, "invalid", "eligible_pupils")
    new |= {"eligible_pupils": 2_500, "quota": 3}
    answer = await grants.doors.send("/calls", new, by="organiser.far", at="2018-09-20")
    assert refused(answer) == (422, "quota-too-large", "quota")
    call = await grants.send("/calls", {**new, "quota": 2}, by="organiser.far", at="2018-09-20")
    assert (call["quota"], call["eligible_pupils"]) == (2, 2_500)


async def test_a_running_call_keeps_the_rules_it_was_announced_with(grants: Grants) -> None:
    call_id = await grants.a_call()
    value = {
        "name": "grant_cents",
        "place": PLACE,
        "value": 500_000,
        "valid_from": "2018-10-02",
        "source": "a change in the middle, test",
    }
    await grants.send("/parameters", value, by=STATE_OFFICER, at=FILING, method="PUT")
    assert (await grants.get(f"/calls/{call_id}", by="anybody"))["grant_cents"] == 460_000
    new = {**NEW, "opens_on": "2019-01-07"}
    later = await grants.send("/calls", new, by=ORGANISER, at="2018-12-01")
    assert later["grant_cents"] == 500_000


async def test_contradicting_parameters_make_no_call(grants: Grants) -> None:
    value = {
        "name": "points",
        "place": PLACE,
        "value": {"max": 60, "total_min": 30, "criterion_min": 3},
        "valid_from": "2021-01-01",
        "source": "a mistake, test",
    }
    await grants.send("/parameters", value, by=STATE_OFFICER, at=FILING, method="PUT")
    new = {**NEW, "opens_on": "2021-02-01"}
    answer = await grants.doors.send("/calls", new, by=ORGANISER, at="2021-01-10")
    assert refused(answer)[:2] == (409, "parameters-contradict")


async def test_other_municipalities_and_other_roles_are_refused(grants: Grants) -> None:
    call_id = await grants.a_call(publish=False)
    await grants.doors.grant("organiser.other", Role.CALL_ORGANISER, "90000048152")
    for path, body in [
        (f"/calls/{call_id}/publication", {}),
        (f"/calls/{call_id}/closing", {}),
        (f"/calls/{call_id}/discussion", {}),
        (f"/calls/{call_id}/cancellation", REASON),
        (f"/calls/{call_id}/prolongation", {"closes_on": "2018-12-01", **REASON}),
        (f"/calls/{call_id}/committee", {"members": [{"subject": "a", "name": "A"}]}),
        (f"/calls/{call_id}/decision", {}),
        (f"/calls/{call_id}/assignments", [{"application_id": "a", "evaluator": "b"}]),
        ("/calls", NEW),
    ]:
        answer = await grants.doors.send(path, body, by="organiser.other", at=CLOSING)
        assert refused(answer)[:2] == (403, "outside-your-organisation"), path
    answer = await grants.doors.get(f"/calls/{call_id}", by="organiser.other")
    assert refused(answer)[:2] == (404, "unknown-call")
    assert (await grants.get(f"/calls/{call_id}", by=ORGANISER))["state"] == "draft"
    listed = await grants.get("/calls", by="organiser.other")
    assert call_id not in [c["call_id"] for c in listed["calls"]]


async def test_parameters_and_words_are_published_with_their_source(grants: Grants) -> None:
    shown = await grants.get("/parameters", by="anybody")
    names = {p["name"]: p for p in shown["parameters"] if p["place"] == "state"}
    assert names["grant_cents"]["value"] == 460_000
    assert names["duration_months"]["value"] == {"min": 3, "max": 18}
    assert names["points"]["value"] == {"max": 50, "total_min": 30, "criterion_min": 3}
    assert names["mandatory_criteria"]["value"] == ["2.2", "2.4.1", "2.4.3"]
    assert names["ngo_applicants_selected_by"]["value"] == "municipality_open_competition"
    aims = await grants.get("/code-lists/ngo_aim", by="anybody")
    assert [e["code"] for e in aims["entries"]] == [
        "raise_topic_among_youth",
        "reach_through_peers",
        "involve_in_activities",
        "raise_motivation",
        "active_participation",
    ]
    assert all(e["label_lv"] and e["label_en"] for e in aims["entries"])
