"""The calendar of places and grades, and days on which pupils were away."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders_identification import (
    COORDINATOR,
    EAST,
    OFFICER,
    OTHER_TEACHER,
    REGISTER,
    Programme,
    a_semester,
)
from tests.integration.identification.facts import said_of

LATER = "2017-11-30"
SCHOOL_YEARS = Path(__file__).parents[3] / "deploy" / "school_years.json"


def a_day(pupil_ref: str, day: str = "2017-10-02", presence: str = "absent") -> dict[str, Any]:
    """A line about a day of a pupil."""
    return {"pupil_ref": pupil_ref, "day": day, "presence": presence}


async def mark(programme: Programme, *lines: dict[str, Any], by: str = REGISTER) -> list[Any]:
    """Send lines about days; gives code and field of each."""
    answers = await programme.doors.lines("/attendance/days", lines, by=by, at=LATER)
    return [answer["code"] for answer in answers]


async def days_said(programme: Programme, ref: str) -> list[list[tuple[str, str]]]:
    """What was said of a pupil's days, fact by fact."""
    facts = await said_of(programme.doors, ref)
    return [
        [(str(day.day), day.presence.value) for day in fact.days]
        for fact in facts
        if fact.type.endswith("pupil-days-marked.v1")
    ]


async def test_days_away_are_told_once_and_taken_back_by_a_later_line(
    programme: Programme,
) -> None:
    ref = await programme.pupil()
    two = [a_day(ref, "2017-10-03"), a_day(ref, "2017-10-02", "absent_excused")]
    assert await mark(programme, *two) == [None, None]
    assert await mark(programme, *two) == [None, None]
    assert await mark(programme, a_day(ref, "2017-10-03", "present")) == [None]
    assert await days_said(programme, ref) == [
        [("2017-10-02", "absent_excused"), ("2017-10-03", "absent")],
        [("2017-10-03", "present")],
    ]
    versions = [fact.version for fact in await said_of(programme.doors, ref)]
    assert versions == sorted(set(versions))
    for fact in await said_of(programme.doors, ref):
        assert "reason" not in fact.model_dump_json()


async def test_a_day_nobody_can_have_missed_is_refused_by_line(programme: Programme) -> None:
    ref = await programme.pupil()
    codes = await mark(
        programme,
        a_day(ref, "2017-10-04"),
        a_day(ref, "2017-10-07"),
        a_day(ref, "2017-10-24"),
        a_day(ref, "2017-12-27"),
        a_day(ref, "2016-10-04"),
        a_day(ref, "2017-10-04"),
        a_day("p1:" + "f" * 32, "2017-10-04"),
    )
    assert codes == [
        None,
        "not-a-school-day",
        "not-a-school-day",
        "in-the-future",
        "not-enrolled-that-day",
        "same-entry-twice",
        "unknown-pupil",
    ]
    assert len(await days_said(programme, ref)) == 1


async def test_a_day_is_judged_by_the_school_of_that_day(programme: Programme) -> None:
    ref = await programme.pupil()
    move = {"pupil_ref": ref, "to_school_id": "west-1", "valid_from": "2017-10-16"}
    await programme.accepted("/pupils/moves", [move], by="register.west", at="2017-10-16")
    assert await mark(programme, a_day(ref, "2017-10-13")) == [None]
    assert await mark(programme, a_day(ref, "2017-10-17")) == ["outside-your-organisation"]
    assert await mark(programme, a_day(ref, "2017-10-17"), by="register.west") == [None]
    answer = await programme.doors.send(
        "/attendance/days", {"lines": [a_day(ref)]}, by=OTHER_TEACHER, at=LATER
    )
    assert answer.status_code == 403


async def test_days_away_stand_in_the_whole_file_and_in_the_record_of_the_run(
    programme: Programme,
) -> None:
    ref = await programme.pupil()
    answer = await programme.doors.send(
        "/attendance/days", {"lines": [a_day(ref)]}, by=REGISTER, at=LATER
    )
    run = await programme.doors.get(f"/imports/{answer.json()['import_id']}", by=REGISTER)
    assert (run.json()["kind"], run.json()["changed"]) == ("absent_days", 1)
    file = await programme.doors.get(f"/pupils/{ref}/file", by="head.east-1", at=LATER)
    assert [(day["day"], day["presence"]) for day in file.json()["days"]] == [
        ("2017-10-02", "absent")
    ]


async def test_the_school_years_that_were_printed_can_be_entered_as_they_lie_there(
    programme: Programme,
) -> None:
    lines = json.loads(SCHOOL_YEARS.read_text(encoding="utf-8"))["lines"]
    await programme.accepted("/semesters", lines, by=OFFICER)
    years: dict[str, Any] = {"grade": 9, "birth_date": "2007-03-10", "valid_from": "2022-09-01"}
    ref = await programme.pupil(**years, at="2022-09-02")
    days = ("2022-10-24", "2023-01-03", "2023-03-14", "2023-06-07", "2023-06-19")
    answers = await programme.doors.lines(
        "/attendance/days", [a_day(ref, day) for day in days], by=REGISTER, at="2023-07-01"
    )
    assert [answer["code"] for answer in answers] == [
        "not-a-school-day",
        "outside-semester",
        "not-a-school-day",
        None,
        "outside-semester",
    ]


async def test_a_municipality_has_dates_of_its_own_and_grades_theirs(programme: Programme) -> None:
    own = a_semester(
        "2017-2",
        "2018-01-08",
        "2018-05-31",
        municipality_id=EAST,
        days_off=["2018-05-04"],
        extra_days=["2018-05-12"],
        grades=[{"programme": "general", "grade": 9, "last_day": "2018-06-14"}],
    )
    await programme.accepted("/semesters", [own], by=OFFICER)
    await programme.accepted("/semesters", [own], by=OFFICER)
    (fact,) = await said_of(programme.doors, f"semester:2017-2:{EAST}")
    assert (fact.version, fact.municipality_id, fact.school_id) == (1, EAST, None)
    assert str(fact.grades[0].last_day) == "2018-06-14"
    seen = await programme.doors.get("/semesters", by=REGISTER, school_id="east-1")
    (shown,) = [entry for entry in seen.json()["semesters"] if entry["municipality_id"] == EAST]
    assert shown["days_off"] == ["2018-05-04"]
    ref = await programme.pupil(by=COORDINATOR)
    lines = [a_day(ref, "2018-05-04"), a_day(ref, "2018-05-12"), a_day(ref, "2018-05-11")]
    answers = await programme.doors.lines("/attendance/days", lines, by=REGISTER, at="2018-05-31")
    assert [answer["code"] for answer in answers] == ["not-a-school-day", None, None]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"school_id": "east-1", "municipality_id": EAST}, "two-places"),
        ({"municipality_id": "99990000000"}, "unknown-municipality"),
        ({"days_off": ["2018-12-20"]}, "day-outside-semester"),
        ({"days_off": ["2018-10-01"], "extra_days": ["2018-10-01"]}, "day-off-and-more"),
        ({"grades": [{"programme": "vocational", "grade": 9}]}, "grade-out-of-range"),
        ({"grades": [{"programme": "general", "grade": 9}] * 2}, "grade-twice"),
        (
            {"grades": [{"programme": "general", "grade": 9, "last_day": "2018-08-01"}]},
            "period-reversed",
        ),
    ],
)
async def test_a_calendar_that_contradicts_itself_is_refused(
    programme: Programme, more: dict[str, Any], code: str
) -> None:
    line = a_semester("2018-1", "2018-09-01", "2018-12-01", **more)
    assert (await programme.refused("/semesters", line, by=OFFICER))[0] == code
