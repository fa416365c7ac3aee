"""Entering municipalities, schools and the calendar, and what the others are told of it."""

from typing import Any

import pytest

from tests.builders_identification import (
    AUTUMN,
    EAST,
    OFFICER,
    REGISTER,
    STATE_SCHOOL,
    WEST,
    Programme,
    a_municipality,
    a_school,
    a_semester,
    registration_numbers,
)
from tests.integration.identification.facts import said_of


def a_number(place: int) -> str:
    """A registration number that nobody else in these tests has."""
    return [number for number, _ in zip(registration_numbers(), range(60), strict=False)][place]


async def test_a_municipality_has_the_code_of_the_day_in_both_generations(
    programme: Programme,
) -> None:
    before = await programme.doors.get("/municipalities", by=REGISTER, at=AUTUMN, on="2021-06-30")
    after = await programme.doors.get("/municipalities", by=REGISTER, at=AUTUMN, on="2021-07-01")
    codes = [
        {place["municipality_id"]: place["code"] for place in answer.json()["municipalities"]}
        for answer in (before, after)
    ]
    assert [found[EAST] for found in codes] == ["0010000", "0001000"]
    assert codes[0][WEST] is None


async def test_a_successor_may_stand_in_the_same_command(programme: Programme) -> None:
    old, new = a_number(20), a_number(21)
    await programme.accepted(
        "/municipalities",
        [
            a_municipality(old, codes=[], successor_id=new, valid_to="2021-06-30"),
            a_municipality(new, codes=[], valid_from="2021-07-01"),
        ],
        by=OFFICER,
    )
    (fact,) = await said_of(programme.doors, f"municipality:{old}")
    assert (fact.successor_id, fact.version) == (new, 1)
    answer = await programme.doors.get("/municipalities", by=REGISTER, on="2021-07-01")
    there = {place["municipality_id"] for place in answer.json()["municipalities"]}
    assert new in there and old not in there


async def test_who_follows_nobody_known_takes_those_before_along(programme: Programme) -> None:
    first, second = a_number(22), a_number(23)
    answers = await programme.doors.lines(
        "/municipalities",
        [
            a_municipality(first, codes=[], successor_id=second),
            a_municipality(second, codes=[], successor_id=a_number(24)),
        ],
        by=OFFICER,
    )
    assert [answer["code"] for answer in answers] == ["unknown-successor", "unknown-successor"]


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (a_municipality("99990000001"), "registration-number", "municipality_id"),
        (
            a_municipality(a_number(25), valid_from="2020-01-01", valid_to="2019-01-01"),
            "period-reversed",
            "valid_to",
        ),
        (
            a_municipality(
                a_number(25),
                codes=[
                    {"code": "0010000", "valid_from": None, "valid_to": None},
                    {"code": "0001000", "valid_from": "2021-07-01", "valid_to": None},
                ],
            ),
            "codes-overlap",
            "codes",
        ),
        (
            a_municipality(a_number(25), successor_id=a_number(25)),
            "successor-of-itself",
            "successor_id",
        ),
        (a_municipality(a_number(25), mayor="somebody"), "invalid", "mayor"),
    ],
)
async def test_a_municipality_that_is_wrong_is_refused(
    programme: Programme, line: dict[str, Any], code: str, field: str
) -> None:
    assert await programme.refused("/municipalities", line, by=OFFICER) == (code, field)


async def test_an_entry_sent_again_is_not_told_again_and_a_change_is(programme: Programme) -> None:
    await programme.accepted("/schools", [a_school("again-1")], by=OFFICER)
    await programme.accepted("/schools", [a_school("again-1")], by=OFFICER)
    await programme.accepted("/schools", [a_school("again-1", status="closed")], by=OFFICER)
    facts = await said_of(programme.doors, "school:again-1")
    assert [(fact.version, fact.status) for fact in facts] == [(1, "involved"), (2, "closed")]


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (a_school("new", school_kind="castle"), "unknown-school-kind", "school_kind"),
        (a_school("new", municipality_id=a_number(50)), "unknown-municipality", "municipality_id"),
        (a_school("new", partner=STATE_SCHOOL), "wrong-partner", "partner"),
        (a_school("new", state_vocational=True), "wrong-partner", "partner"),
        (a_school("new", valid_to="2009-01-01"), "period-reversed", "valid_to"),
        (a_school("new", institution_type="nautical"), "invalid", "institution_type"),
    ],
)
async def test_a_school_that_is_wrong_is_refused(
    programme: Programme, line: dict[str, Any], code: str, field: str
) -> None:
    assert await programme.refused("/schools", line, by=OFFICER) == (code, field)
    answer = await programme.doors.get("/schools", by=REGISTER)
    assert "new" not in {school["school_id"] for school in answer.json()["schools"]}


async def test_a_school_may_have_dates_of_its_own(programme: Programme) -> None:
    own = a_semester("2017-1", "2017-11-15", "2017-12-22", school_id="east-tech")
    await programme.accepted("/semesters", [own], by=OFFICER)
    answer = await programme.doors.get("/semesters", by=REGISTER, school_id="east-tech")
    found = {
        (entry["semester"], entry["school_id"]): entry["first_day"]
        for entry in answer.json()["semesters"]
    }
    assert found["2017-1", None] == "2017-09-01"
    assert found["2017-1", "east-tech"] == "2017-11-15"
    (fact,) = await said_of(programme.doors, "semester:2017-1:east-tech")
    assert fact.school_id == "east-tech"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (a_semester("2018-1", "2018-12-01", "2018-09-01"), "period-reversed"),
        (a_semester("2018-1", "2019-09-01", "2019-12-01"), "outside-school-year"),
        (
            a_semester("2018-1", "2018-09-01", "2018-12-01", breaks=[["2018-12-24", "2018-12-31"]]),
            "break-outside-semester",
        ),
        (
            a_semester("2018-1", "2018-09-01", "2018-12-01", school_id="nowhere"),
            "unknown-school",
        ),
    ],
)
async def test_a_semester_that_is_wrong_is_refused(
    programme: Programme, line: dict[str, Any], code: str
) -> None:
    assert (await programme.refused("/semesters", line, by=OFFICER))[0] == code


async def test_the_same_entry_twice_in_a_command_is_refused_once(programme: Programme) -> None:
    answers = await programme.doors.lines(
        "/schools", [a_school("twin"), a_school("twin", status="closed")], by=OFFICER
    )
    assert [answer["code"] for answer in answers] == [None, "same-entry-twice"]


async def test_only_the_state_enters_places(programme: Programme) -> None:
    for path in ("/municipalities", "/schools", "/semesters"):
        answer = await programme.doors.send(path, {"lines": [{}]}, by=REGISTER, at=AUTUMN)
        assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")


@pytest.mark.parametrize("name", ["programme_number", "grades", "absence_rule", "place_start"])
async def test_parameters_are_read_back_with_source_and_validity(
    programme: Programme, name: str
) -> None:
    answer = await programme.doors.get("/parameters", by=REGISTER, name=name)
    values = answer.json()["parameters"]
    assert values and all(
        value["source"] and value["owner"] == "identification" for value in values
    )


async def test_a_programme_number_is_kept_without_white_space_and_as_received(
    programme: Programme,
) -> None:
    new = {"name": "programme_number", "value": "8.3.4. 0/16/I/001", "source": "a second page"}
    answer = await programme.doors.send("/parameters", new, by=OFFICER, method="PUT")
    assert answer.status_code == 200, answer.text
    value = answer.json()
    assert (value["value"], value["text_received"]) == ("8.3.4.0/16/I/001", "8.3.4. 0/16/I/001")
    told = await said_of(programme.doors, "parameter:programme_number:state:always")
    assert told[-1].value == "8.3.4.0/16/I/001"


async def test_code_lists_have_both_labels(programme: Programme) -> None:
    answer = await programme.doors.get("/code-lists", by=REGISTER)
    lists = {
        found["name"]: {entry["code"]: entry for entry in found["entries"]}
        for found in answer.json()["code_lists"]
    }
    factor = lists["risk_factor"]["lack_of_means"]
    assert (factor["label_lv"], factor["label_en"], factor["attributes"]["risk_group"]) == (
        "līdzekļu trūkums",
        "lack of financial means",
        "R3",
    )
    assert lists["teaching_place"]["ludza"]["attributes"]["school_id"] == "dbt"
    for entries in lists.values():
        assert all(entry["label_lv"] and entry["label_en"] for entry in entries.values())
