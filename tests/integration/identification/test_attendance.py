"""Attendance, the signals it makes, who did not report, and talks with parents."""

from typing import Any

import pytest

from tests.builders_identification import (
    AUTUMN,
    COORDINATOR,
    EAST,
    HEAD,
    OFFICER,
    OTHER_TEACHER,
    REGISTER,
    TEACHER,
    Programme,
    a_look,
    a_pupil,
    a_school,
)
from tests.integration.identification.facts import said_of

WINTER = "2017-12-10"


def attendance(pupil_ref: str, lessons: int | None, **more: Any) -> dict[str, Any]:
    """A line of attendance; None where there is no data."""
    if lessons is None:
        more = {"data_status": "no_data", **more}
    return {
        "pupil_ref": pupil_ref,
        "semester": "2017-1",
        "lessons_unexcused": lessons,
        "source": "school journal",
        **more,
    }


async def report(programme: Programme, *lines: dict[str, Any], at: str = WINTER) -> None:
    """Send lines of attendance none of which is refused."""
    await programme.accepted("/attendance", lines, by=REGISTER, at=at)


async def signals(programme: Programme, ref: str, *, by: str = HEAD) -> list[dict[str, Any]]:
    """Signals of a pupil, newest first."""
    answer = await programme.doors.get("/signals", by=by, at=WINTER, semester="2017-1", limit=5_000)
    return [signal for signal in answer.json()["signals"] if signal["pupil_ref"] == ref]


@pytest.mark.feature("I4")
@pytest.mark.feature("I13")
async def test_reaching_the_threshold_signals_with_rule_version_and_time(
    programme: Programme,
) -> None:
    below, reached = await programme.pupil(), await programme.pupil()
    await report(programme, attendance(below, 19), attendance(reached, 20))
    assert await signals(programme, below) == []
    (signal,) = await signals(programme, reached)
    assert (signal["rule_id"], signal["rule_version"]) == ("unexcused-lessons", 1)
    assert (signal["lessons_unexcused"], signal["threshold"]) == (20, 20)
    assert signal["source_data_at"].startswith(WINTER)
    fact = (await said_of(programme.doors, reached))[-1]
    assert (fact.rule_id, fact.rule_version, fact.semester, fact.version) == (
        "unexcused-lessons",
        1,
        "2017-1",
        2,
    )
    assert len(await said_of(programme.doors, below)) == 1


@pytest.mark.feature("I10")
@pytest.mark.feature("I11")
async def test_a_signal_says_why_and_what_would_clear_it(programme: Programme) -> None:
    ref = await programme.pupil()
    await report(programme, attendance(ref, 27))
    (signal,) = await signals(programme, ref)
    assert "27" in signal["why_lv"] and "20" in signal["why_lv"]
    assert "27" in signal["why_en"] and "at least 20" in signal["why_en"]
    assert "20" in signal["clears_en"] and "20" in signal["clears_lv"]
    await report(programme, attendance(ref, 15), at="2017-12-12")
    (cleared,) = await signals(programme, ref)
    assert cleared["state"] == "cleared"


@pytest.mark.feature("I15")
async def test_a_pupil_has_one_open_signal_a_semester(programme: Programme) -> None:
    ref = await programme.pupil()
    for day, lessons in enumerate((21, 25, 40), start=1):
        await report(programme, attendance(ref, lessons), at=f"2017-12-0{day}")
    assert [signal["state"] for signal in await signals(programme, ref)] == ["open"]
    facts = await said_of(programme.doors, ref)
    assert [fact.type.split(".")[2] for fact in facts] == ["pupil-enrolled", "risk-signalled"]
    await report(programme, attendance(ref, 30, semester="2017-2"))
    assert len(await said_of(programme.doors, ref)) == 3


@pytest.mark.feature("I12")
@pytest.mark.feature("I14")
async def test_a_new_threshold_holds_from_its_day_and_old_signals_stay_as_they_were(
    programme: Programme,
) -> None:
    early, late = await programme.pupil(), await programme.pupil()
    await report(programme, attendance(early, 20, semester="2017-2"), at="2018-02-01")
    new = {
        "name": "absence_rule",
        "value": {"version": 2, "threshold": 20, "comparator": "more_than"},
        "valid_from": "2018-03-01",
        "source": "the sources that read it so",
    }
    put = await programme.doors.send("/parameters", new, by=OFFICER, method="PUT")
    assert (put.status_code, put.json()["approved_by"]) == (200, OFFICER)
    await report(programme, attendance(late, 20, semester="2017-2"), at="2018-03-02")
    answer = await programme.doors.get("/signals", by=HEAD, at="2018-03-02", semester="2017-2")
    found = {signal["pupil_ref"]: signal for signal in answer.json()["signals"]}
    assert late not in found
    assert (found[early]["rule_version"], found[early]["comparator"]) == (1, "at_least")
    await report(programme, attendance(late, 21, semester="2017-2"), at="2018-03-03")
    answer = await programme.doors.get("/signals", by=HEAD, at="2018-03-03", semester="2017-2")
    found = {signal["pupil_ref"]: signal for signal in answer.json()["signals"]}
    assert found[late]["rule_version"] == 2
    assert "more than 20" in found[late]["why_en"]
    for ref, figures in ((early, (1, "at_least", 20)), (late, (2, "more_than", 21))):
        path = f"/signals/{found[ref]['signal_id']}/again"
        again = (await programme.doors.get(path, by=HEAD, at="2018-06-01")).json()
        made = (again["rule_version"], again["comparator"], again["lessons_unexcused"])
        assert (made, again["same"]) == (figures, True)
        stranger = await programme.doors.get(path, by="head.west-1", at="2018-06-01")
        assert (stranger.status_code, stranger.json()["code"]) == (403, "outside-your-organisation")
    refused = await programme.doors.send("/parameters", new, by=HEAD, method="PUT")
    assert refused.status_code == 403


@pytest.mark.feature("I2")
async def test_no_data_is_not_zero_and_schools_that_sent_nothing_are_listed(
    programme: Programme,
) -> None:
    for school in ("quiet-1", "loud-1"):
        await programme.accepted("/schools", [a_school(school)], by=OFFICER)
    by, at = "register.all", AUTUMN
    grant = {"subject": by, "role": "school_register", "organisation": "state"}
    await programme.accepted("/grants", [{**grant, "valid_from": "2017-01-01"}], by=OFFICER)
    await programme.pupil(school_id="quiet-1", by=by)
    loud = [await programme.pupil(school_id="loud-1", by=by) for _ in range(3)]
    lines = [attendance(loud[0], 0), attendance(loud[1], None)]
    await programme.accepted("/attendance", lines, by=by, at=at)
    answer = await programme.doors.get(
        "/attendance/not-reported", by="municipality.east", at=at, semester="2017-1"
    )
    found = {school["school_id"]: school for school in answer.json()["schools"]}
    assert found["quiet-1"]["reported_nothing"] is True
    shown = {name: found["loud-1"][name] for name in ("pupils", "reported", "no_data", "missing")}
    assert shown == {"pupils": 3, "reported": 1, "no_data": 1, "missing": 1}
    assert found["loud-1"]["reported_nothing"] is False
    assert answer.json()["reported_nothing_by_municipality"][EAST] >= 1
    outside = await programme.doors.get(
        "/attendance/not-reported", by=OTHER_TEACHER, at=at, semester="2017-1"
    )
    assert "quiet-1" not in outside.text


@pytest.mark.feature("I3")
async def test_attendance_sent_twice_changes_nothing(programme: Programme) -> None:
    ref = await programme.pupil()
    await report(programme, attendance(ref, 33))
    (answer,) = await programme.doors.lines(
        "/attendance", [attendance(ref, 33)], by=REGISTER, at="2017-12-11"
    )
    assert answer["details"]["changed"] is False
    assert len(await said_of(programme.doors, ref)) == 2


@pytest.mark.feature("I1")
async def test_an_import_of_attendance_leaves_a_record(programme: Programme) -> None:
    ref = await programme.pupil()
    nobody = f"p1:{'d' * 32}"
    lines = [
        attendance(ref, 3),
        attendance(nobody, 3),
        attendance(ref, 3, semester="1999-1"),
        attendance(ref, None, lessons_excused=4, semester="2017-2"),
        attendance(ref, 3, semester="2016-1"),
        {**attendance(ref, 3, semester="2017-2"), "lessons_unexcused": None},
    ]
    answer = await programme.doors.send("/attendance", {"lines": lines}, by=REGISTER, at=WINTER)
    record = await programme.doors.get(f"/imports/{answer.json()['import_id']}", by=REGISTER)
    assert (record.json()["kind"], record.json()["rows_in"]) == ("attendance", 6)
    assert [(r["line"], r["code"]) for r in record.json()["refusals"]] == [
        (2, "unknown-pupil"),
        (3, "invalid"),
        (4, "invalid"),
        (5, "unknown-semester"),
        (6, "invalid"),
    ]


@pytest.mark.feature("I17")
async def test_a_person_dismisses_a_signal_with_a_reason(programme: Programme) -> None:
    ref = await programme.pupil()
    await report(programme, attendance(ref, 22))
    (signal,) = await signals(programme, ref)
    line = {"signal_id": signal["signal_id"], "reason": "The journal was wrong."}
    refused = await programme.refused("/signals/dismissals", line, by="head.west-1", at=WINTER)
    assert refused[0] == "outside-your-organisation"
    await programme.accepted("/signals/dismissals", [line], by=HEAD, at=WINTER)
    refused = await programme.refused("/signals/dismissals", line, by=HEAD, at=WINTER)
    assert refused == ("signal-closed", "signal_id")
    await report(programme, attendance(ref, 22, source="another journal"), at="2017-12-11")
    assert [s["state"] for s in await signals(programme, ref)] == ["dismissed"]
    await report(programme, attendance(ref, 28), at="2017-12-12")
    assert [s["state"] for s in await signals(programme, ref)] == ["open", "dismissed"]


async def test_a_proposal_answers_the_signal(programme: Programme) -> None:
    ref = await programme.pupil()
    await report(programme, attendance(ref, 22))
    risk_id = await programme.proposal(ref, "unexcused_absences", at=WINTER)
    assert [s["state"] for s in await signals(programme, ref)] == ["open"]
    await programme.accepted("/risks/confirmations", [a_look(risk_id)], by=HEAD, at=WINTER)
    assert [s["state"] for s in await signals(programme, ref)] == ["answered"]


@pytest.mark.feature("I16")
async def test_talks_and_excuses_are_noted_with_their_deadlines(programme: Programme) -> None:
    in_time, late = await programme.pupil(), await programme.pupil()
    common = {"absent_on": "2017-09-12", "person_kind": "parent", "result_code": "will-come"}
    lines = [
        {
            **common,
            "pupil_ref": in_time,
            "contacted_at": "2017-09-12T14:00:00+03:00",
            "returned_on": "2017-09-13",
            "excused_on": "2017-09-16",
        },
        {
            **common,
            "pupil_ref": late,
            "contacted_at": "2017-09-13T00:30:00+03:00",
            "returned_on": "2017-09-13",
            "excused_on": "2017-09-17",
        },
    ]
    answers = await programme.doors.lines("/contacts", lines, by=TEACHER, at="2017-09-20")
    assert [answer["details"] for answer in answers] == [
        {"contact_late": False, "excuse_late": False},
        {"contact_late": True, "excuse_late": True},
    ]
    file = await programme.doors.get(f"/pupils/{late}/file", by=HEAD, at="2017-09-20")
    (contact,) = file.json()["contacts"]
    assert (contact["contact_late"], contact["excused_on"]) == (True, "2017-09-17")
    refused = await programme.refused("/contacts", lines[0], by=OTHER_TEACHER, at="2017-09-20")
    assert refused[0] == "outside-your-organisation"


async def test_a_thousand_lines_cost_as_many_statements_as_ten(
    programme: Programme, statements: Any
) -> None:
    def lines(first: int, count: int) -> list[dict[str, Any]]:
        return [
            {
                "personal_code": code,
                "semester": "2017-1",
                "lessons_unexcused": 30,
                "source": "journal",
            }
            for code in codes[first : first + count]
        ]

    pupils = [a_pupil(300_000 + n) for n in range(1_010)]
    codes = [pupil["personal_code"] for pupil in pupils]
    with statements() as few:
        await programme.accepted("/pupils", pupils[:10], by=REGISTER)
    with statements() as many:
        await programme.accepted("/pupils", pupils[10:], by=REGISTER)
    assert len(many) == len(few)
    with statements() as few:
        await programme.accepted("/attendance", lines(0, 10), by=COORDINATOR, at=WINTER)
    with statements() as many:
        await programme.accepted("/attendance", lines(10, 1_000), by=COORDINATOR, at=WINTER)
    assert len(many) == len(few)
