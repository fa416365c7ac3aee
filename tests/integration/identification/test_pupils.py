"""The register of pupils: lists delivered by schools, promotion, moves, departures."""

import csv
import io
import json
import uuid
from typing import Any

import httpx
import pytest

from tests.builders_identification import (
    AUTUMN,
    COORDINATOR,
    EAST,
    OTHER_TEACHER,
    REGISTER,
    TEACHER,
    WEST,
    Programme,
    a_pupil,
    personal_code,
)
from tests.integration.identification.facts import said, said_of


async def send_text(programme: Programme, body: str, kind: str, **params: str) -> httpx.Response:
    """A list of pupils that is not JSON."""
    headers = programme.doors.headers(REGISTER, AUTUMN, str(uuid.uuid4()))
    return await programme.doors.client.post(
        "/pupils",
        content=body.encode(),
        params=params,
        headers={**headers, "Content-Type": kind},
    )


def as_csv(*lines: dict[str, Any]) -> str:
    """Lines as a register's CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


async def test_a_pupil_entered_is_told_by_reference_only(programme: Programme) -> None:
    ref = await programme.pupil(family_name="Šķūņplatītis")
    (fact,) = await said_of(programme.doors, ref)
    assert (fact.school_id, fact.municipality_id, fact.partner) == ("east-1", EAST, EAST)
    assert (fact.programme, fact.grade, fact.sex, fact.version) == ("general", 7, "male", 1)
    assert fact.signs_alone_from is None
    assert "Šķūņplat" not in fact.model_dump_json()


async def test_the_three_ways_of_sending_a_list_are_one(programme: Programme) -> None:
    serial = next(programme.serials)
    line = a_pupil(serial, given_name="Ņina", family_name="Ļauždēle", sex="female")
    (ref,) = await programme.accepted("/pupils", [line], by=REGISTER)
    for body, kind in (
        (as_csv(line), "text/csv; charset=utf-8"),
        (json.dumps(line, ensure_ascii=False), "application/x-ndjson"),
    ):
        answer = (await send_text(programme, body, kind)).json()
        assert [(a["id"], a["details"]["changed"]) for a in answer["lines"]] == [(ref, False)]


@pytest.mark.feature("I3")
async def test_the_same_list_sent_twice_changes_nothing(programme: Programme) -> None:
    lines = [a_pupil(next(programme.serials)) for _ in range(20)]
    await programme.accepted("/pupils", lines, by=REGISTER)
    before = await said(programme.doors)
    answers = await programme.doors.lines("/pupils", lines, by=REGISTER, at="2017-09-20")
    assert {answer["details"]["changed"] for answer in answers} == {False}
    assert await said(programme.doors) == before


async def test_a_corrected_name_is_kept_and_told_nobody(programme: Programme) -> None:
    line = a_pupil(next(programme.serials))
    (ref,) = await programme.accepted("/pupils", [line], by=REGISTER)
    await programme.accepted("/pupils", [{**line, "given_name": "Ģirts"}], by=REGISTER)
    read = await programme.doors.get(f"/pupils/{ref}", by=TEACHER, at=AUTUMN)
    assert read.json()["given_name"] == "Ģirts"
    assert len(await said_of(programme.doors, ref)) == 1


@pytest.mark.feature("I1")
async def test_an_import_leaves_a_record_of_every_refused_line(programme: Programme) -> None:
    good = [a_pupil(next(programme.serials)) for _ in range(3)]
    bad = [
        a_pupil(1, personal_code="12"),
        a_pupil(2, grade=13),
        {"given_name": "Ilze"},
    ]
    answer = await programme.doors.send("/pupils", {"lines": [*good, *bad]}, by=REGISTER, at=AUTUMN)
    found = answer.json()
    assert (found["accepted"], found["refused"], found["kept"]) == (3, 3, True)
    record = (await programme.doors.get(f"/imports/{found['import_id']}", by=REGISTER)).json()
    assert (record["rows_in"], record["accepted"], record["refused"]) == (6, 3, 3)
    assert [(r["line"], r["code"], r["field"]) for r in record["refusals"]] == [
        (4, "personal-code-form", "personal_code"),
        (5, "grade-out-of-range", "grade"),
        (6, "invalid", "personal_code"),
    ]
    assert all(refusal["reason"] for refusal in record["refusals"])
    assert record["schools"] == ["east-1"]
    stranger = await programme.doors.get(f"/imports/{found['import_id']}", by="register.west")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not-your-import")
    auditor = await programme.doors.get(f"/imports/{found['import_id']}", by="auditor")
    assert auditor.status_code == 200


@pytest.mark.feature("I1")
async def test_who_asks_to_stop_keeps_nothing_but_the_record(programme: Programme) -> None:
    line = a_pupil(next(programme.serials))
    before = await said(programme.doors)
    body = {"lines": [line, {**line, "personal_code": "12"}]}
    answer = await programme.doors.send("/pupils", body, by=REGISTER, at=AUTUMN, on_error="stop")
    assert (answer.status_code, answer.json()["code"]) == (409, "bulk-stopped")
    assert [entry["status"] for entry in answer.json()["lines"]] == ["accepted", "refused"]
    assert await said(programme.doors) == before
    record = await programme.doors.get(f"/imports/{answer.json()['import_id']}", by=REGISTER)
    assert (record.json()["kept"], record.json()["changed"]) == (False, 0)
    (again,) = await programme.doors.lines("/pupils", [line], by=REGISTER, at=AUTUMN)
    assert again["details"]["changed"] is True


async def test_a_thousand_lines_with_ten_bad_ones_are_all_answered(programme: Programme) -> None:
    lines = [a_pupil(200_000 + n, grade=13 if n % 100 == 7 else 7) for n in range(1_000)]
    answers = await programme.doors.lines("/pupils", lines, by=REGISTER, at=AUTUMN)
    assert [answer["line"] for answer in answers] == list(range(1, 1_001))
    assert [a["line"] for a in answers if a["status"] == "refused"] == list(range(8, 1_000, 100))


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"personal_code": "1612751999"}, "personal-code-form", "personal_code"),
        ({"personal_code": "161275-19998"}, "personal-code-check-digit", "personal_code"),
        ({"personal_code": "311375-19997"}, "personal-code-date", "personal_code"),
        (
            {"personal_code": "161175-19997", "birth_date": "2004-03-10"},
            "birth-date-differs",
            "birth_date",
        ),
        ({"birth_date": "2015-03-10"}, "birth-date-implausible", "birth_date"),
        ({"given_name": "???"}, "name-unreadable", "given_name"),
        ({"programme": "vocational", "grade": 1}, "programme-not-at-school", "programme"),
        (
            {"school_id": "east-tech", "programme": "vocational", "grade": 5},
            "grade-out-of-range",
            "grade",
        ),
        ({"school_id": "east-small", "grade": 10}, "programme-not-at-school", "grade"),
        ({"grade": 0}, "grade-out-of-range", "grade"),
        ({"valid_from": "2009-09-01"}, "school-not-open", "school_id"),
        ({"school_id": "west-1"}, "outside-your-organisation", None),
        ({"school_id": "nowhere"}, "outside-your-organisation", None),
        ({"sex": "dragon"}, "invalid", "sex"),
        ({"nickname": "Juris"}, "invalid", "nickname"),
    ],
)
async def test_a_pupil_who_cannot_be_is_refused(
    programme: Programme, more: dict[str, Any], code: str, field: str | None
) -> None:
    line = a_pupil(next(programme.serials), **more)
    assert await programme.refused("/pupils", line, by=REGISTER) == (code, field)


async def test_a_wrong_check_digit_of_a_new_code_is_only_a_warning(programme: Programme) -> None:
    code = personal_code(next(programme.serials))
    odd = f"{code[:10]}{(int(code[10]) + 1) % 10}"
    line = a_pupil(1, personal_code=f"{odd[:6]}-{odd[6:]}")
    (answer,) = await programme.doors.lines("/pupils", [line], by=REGISTER, at=AUTUMN)
    assert answer["details"]["warnings"] == ["personal-code-check-digit"]


async def test_pupils_of_every_grade_are_in_the_register(programme: Programme) -> None:
    assert await programme.pupil(grade=3, birth_date="2008-10-10")


async def test_a_pupil_of_another_school_is_not_pulled_in_by_a_list(programme: Programme) -> None:
    line = a_pupil(next(programme.serials))
    await programme.accepted("/pupils", [line], by=REGISTER)
    elsewhere = {**line, "school_id": "west-1"}
    refused = await programme.refused("/pupils", elsewhere, by="register.west")
    assert refused == ("enrolled-elsewhere", "school_id")


async def test_a_move_tells_the_old_school_and_the_new_one(programme: Programme) -> None:
    serial = next(programme.serials)
    line = a_pupil(serial)
    (ref,) = await programme.accepted("/pupils", [line], by=REGISTER)
    move = {"personal_code": line["personal_code"], "to_school_id": "west-1"}
    refused = await programme.refused(
        "/pupils/moves", {**move, "valid_from": "2018-01-08"}, by=REGISTER
    )
    assert refused[0] == "outside-your-organisation"
    await programme.accepted(
        "/pupils/moves", [{**move, "valid_from": "2018-01-08"}], by="register.west"
    )
    (again,) = await programme.doors.lines(
        "/pupils/moves", [{**move, "valid_from": "2018-01-08"}], by="register.west", at=AUTUMN
    )
    assert again["details"]["changed"] is False
    facts = await said_of(programme.doors, ref)
    moved = facts[-1]
    assert len(facts) == 2
    assert (moved.from_school_id, moved.from_municipality_id, moved.from_partner) == (
        "east-1",
        EAST,
        EAST,
    )
    assert (moved.school_id, moved.municipality_id, moved.partner) == ("west-1", WEST, WEST)
    assert (moved.grade, moved.version) == (7, 2)


@pytest.mark.feature("P20")
async def test_a_move_takes_history_and_rights_along(programme: Programme) -> None:
    ref = await programme.pupil()
    await programme.named(ref)
    move = {"pupil_ref": ref, "to_school_id": "west-1", "valid_from": "2017-10-02"}
    await programme.accepted("/pupils/moves", [move], by="register.west", at="2017-10-02")
    old = await programme.doors.get(f"/pupils/{ref}", by=TEACHER, at="2017-10-03")
    new = await programme.doors.get(f"/pupils/{ref}", by=OTHER_TEACHER, at="2017-10-03")
    assert (old.status_code, new.status_code) == (403, 200)
    assert [stay["how"] for stay in new.json()["stays"]] == ["entered", "moved"]
    risks = await programme.doors.get("/risks", by=OTHER_TEACHER, at="2017-10-03")
    assert ref in {risk["pupil_ref"] for risk in risks.json()["risks"]}
    gone = await programme.doors.get("/risks", by=TEACHER, at="2017-10-03")
    assert ref not in {risk["pupil_ref"] for risk in gone.json()["risks"]}


async def test_promotion_leads_to_the_next_grade_once(programme: Programme) -> None:
    refs = [await programme.pupil(grade=grade) for grade in (7, 8)]
    line = [{"pupil_ref": ref, "valid_from": "2018-09-03"} for ref in refs]
    await programme.accepted("/pupils/promotions", line, by=COORDINATOR, at="2018-09-03")
    await programme.accepted("/pupils/promotions", line, by=COORDINATOR, at="2018-09-03")
    for ref, grade in zip(refs, (8, 9), strict=True):
        facts = await said_of(programme.doors, ref)
        assert [(f.grade, f.version) for f in facts] == [(grade - 1, 1), (grade, 2)]


@pytest.mark.parametrize(
    ("pupil", "promotion", "code"),
    [
        ({"grade": 12}, {}, "not-the-next-grade"),
        ({"grade": 7}, {"grade": 9}, "not-the-next-grade"),
        ({"grade": 7}, {"valid_from": "2017-08-01"}, "before-present-stay"),
        ({"grade": 9, "school_id": "east-small"}, {}, "programme-not-at-school"),
        (
            {"grade": 4, "school_id": "east-tech", "programme": "vocational"},
            {},
            "not-the-next-grade",
        ),
    ],
)
async def test_a_promotion_to_nowhere_is_refused(
    programme: Programme, pupil: dict[str, Any], promotion: dict[str, Any], code: str
) -> None:
    ref = await programme.pupil(**pupil)
    line = {"pupil_ref": ref, "valid_from": "2018-09-03", **promotion}
    assert (await programme.refused("/pupils/promotions", line, by=REGISTER))[0] == code
    assert len(await said_of(programme.doors, ref)) == 1


async def test_who_left_is_told_and_may_come_back(programme: Programme) -> None:
    line = a_pupil(next(programme.serials))
    (ref,) = await programme.accepted("/pupils", [line], by=REGISTER)
    leave = {"pupil_ref": ref, "left_on": "2017-10-01", "reason_code": "moved-abroad"}
    refused = await programme.refused("/pupils/departures", leave, by=REGISTER)
    assert refused == ("in-the-future", "left_on")
    await programme.accepted("/pupils/departures", [leave], by=REGISTER, at="2017-10-02")
    back = {**line, "school_id": "west-1", "valid_from": "2018-01-08"}
    await programme.accepted("/pupils", [back], by="register.west", at="2018-01-08")
    facts = await said_of(programme.doors, ref)
    assert [fact.type.split(".")[2] for fact in facts] == [
        "pupil-enrolled",
        "pupil-left",
        "pupil-enrolled",
    ]
    assert [fact.version for fact in facts] == [1, 2, 3]


async def test_no_commands_without_a_token_or_a_role(programme: Programme) -> None:
    for path in ("/pupils", "/pupils/moves", "/pupils/promotions", "/pupils/departures"):
        unknown = await programme.doors.send(path, {"lines": [{}]}, by=None)
        assert (unknown.status_code, unknown.json()["code"]) == (401, "not-signed-in")
        teacher = await programme.doors.send(path, {"lines": [{}]}, by=TEACHER, at=AUTUMN)
        assert (teacher.status_code, teacher.json()["code"]) == (403, "role-missing")
