"""The beginning of a semester: enrolment, moves, risks, second looks, signatures."""

from collections.abc import Iterable
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.client import Line, side_by_side
from deploy.demo.plan_lines import FACTORS, risk_groups
from deploy.demo.scenario import Attendance, Place, Stay

OUTSIDE_TARGET_GROUP = "outside-target-group"
SECOND_LOOK = "talked with the class teacher; the signs are there"


class NotRefused(AssertionError):
    """Something that the programme must refuse was accepted."""


async def run(book: Book, where: Place, semester: str) -> None:
    """Bring the pupils of a semester to the point where plans can be drafted."""
    await _registers(book, where, semester)
    await side_by_side(*(_named(book, school) for school in where.stays[semester].schools))


async def _registers(book: Book, where: Place, semester: str) -> None:
    """What the school register delivers: new pupils, next grades, changes of school."""
    stay = where.stays[semester]
    new = [n for n in _new_pupils(stay) if where.entered(n) == semester]
    known = [n for n in _new_pupils(stay) if where.entered(n) != semester]
    await _enrolled(book, where, stay, new)
    if semester.endswith("-1"):
        stayed = [n for at_school in stay.schools for n in at_school.continued]
        promoted = [n for n in (*stayed, *known) if where.grade(n, semester) > 1]
        await _sent(
            book, where, stay, "promotions", [_next_grade(book, stay, where, n) for n in promoted]
        )
    moved = [(at_school, n) for at_school in stay.schools for n in at_school.moved_in]
    await _sent(book, where, stay, "moves", [_moved(book, stay, *pair) for pair in moved])


def _new_pupils(stay: Stay) -> list[int]:
    """Pupils without a plan before, and those that the programme will refuse."""
    return [*stay.refused, *(n for at_school in stay.schools for n in at_school.new)]


async def _enrolled(book: Book, where: Place, stay: Stay, pupils: list[int]) -> None:
    lines = [_pupil(where, stay, number) for number in pupils]
    answers = await _sent(book, where, stay, "", lines)
    for number, answer in zip(pupils, answers, strict=True):
        assert answer.id is not None
        book.pupils[f"{where.pupil_prefix}{number}"] = answer.id
    book.diary.count("pupils", len(pupils))


async def _sent(
    book: Book, where: Place, stay: Stay, what: str, lines: list[dict[str, Any]]
) -> list[Line]:
    return await book.doors.all_accepted(
        f"identification:/pupils{f'/{what}' if what else ''}",
        lines,
        by=people.register(where),
        at=at(stay.first_day, 8),
        key=f"pupils:{what}:{people.short(where)}:{stay.semester}",
    )


def _pupil(where: Place, stay: Stay, number: int) -> dict[str, Any]:
    human = people.pupil(where, number)
    school = next((s.school for s in stay.schools if number in s.new), stay.schools[0].school)
    return {
        "personal_code": human.personal_code,
        "given_name": human.first_name,
        "family_name": human.last_name,
        "birth_date": human.birth_date.isoformat(),
        "sex": human.sex,
        "school_id": school,
        "programme": where.programme,
        "grade": where.grade(number, stay.semester),
        "valid_from": stay.first_day.isoformat(),
    }


def _next_grade(book: Book, stay: Stay, where: Place, number: int) -> dict[str, Any]:
    ref = book.pupil_ref(where, number)
    return {"pupil_ref": ref, "valid_from": stay.first_day.isoformat()}


def _moved(book: Book, stay: Stay, to: Attendance, number: int) -> dict[str, Any]:
    return {
        "pupil_ref": book.pupil_ref(to.place, number),
        "to_school_id": to.school,
        "grade": to.place.grade(number, stay.semester),
        "valid_from": stay.first_day.isoformat(),
    }


async def _named(book: Book, at_school: Attendance) -> None:
    """Propose the pupils of a school, have them looked at again, record who signed."""
    where, semester = at_school.place, at_school.semester
    stay = where.stays[semester]
    refused = stay.refused
    answers = await _risks(book, at_school, [*at_school.pupils, *refused])
    proposed, others = answers[: len(at_school.pupils)], answers[len(at_school.pupils) :]
    _all_outside(book, others)
    await _second_looks(book, at_school, proposed)
    await _applications(book, at_school)
    book.diary.count("pupils named", len(proposed))


async def _risks(book: Book, at_school: Attendance, pupils: Iterable[int]) -> list[Line]:
    stay = at_school.stay
    lines = [_risk(book, at_school, number) for number in pupils]
    answers = await book.doors.bulk(
        "identification:/risks",
        lines,
        by=people.school_coordinator(at_school.school),
        at=at(stay.first_day, 9),
        key=f"risks:{at_school.school}:{at_school.semester}",
    )
    for answer in answers[: len(at_school.pupils)]:
        assert answer.accepted, answer
    return answers


def _risk(book: Book, at_school: Attendance, number: int) -> dict[str, Any]:
    return {
        "pupil_ref": book.pupil_ref(at_school.place, number),
        "semester": at_school.semester,
        "factors": [{"code": FACTORS[group]} for group in risk_groups(at_school, number)],
    }


def _all_outside(book: Book, answers: list[Line]) -> None:
    for answer in answers:
        if answer.accepted or answer.code != OUTSIDE_TARGET_GROUP:
            raise NotRefused(f"a pupil outside the target group got {answer}")
    if answers:
        book.diary.note(f"refused, as it must be: {len(answers)} pupils, {answers[0].message}")


async def _second_looks(book: Book, at_school: Attendance, proposed: list[Line]) -> None:
    stay = at_school.stay
    lines = [
        {"risk_id": answer.id, "decision": "confirm", "reason": SECOND_LOOK} for answer in proposed
    ]
    await book.doors.all_accepted(
        "identification:/risks/confirmations",
        lines,
        by=people.head(at_school.school),
        at=at(stay.first_day, 10),
        key=f"looks:{at_school.school}:{at_school.semester}",
    )


async def _applications(book: Book, at_school: Attendance) -> None:
    """Who is new signs, or a parent does; an application stays in force afterwards."""
    where = at_school.place
    stay = at_school.stay
    await book.doors.all_accepted(
        "identification:/applications",
        [_application(book, where, stay, number) for number in at_school.new],
        by=people.school_coordinator(at_school.school),
        at=at(stay.first_day, 11),
        key=f"applications:{at_school.school}:{at_school.semester}",
    )


def _application(book: Book, where: Place, stay: Stay, number: int) -> dict[str, Any]:
    alone = where.signs_alone(number)
    signer = people.pupil(where, number) if alone else people.parent(where, number)
    return {
        "pupil_ref": book.pupil_ref(where, number),
        "signer_kind": "adult_pupil" if alone else "parent",
        "signed_on": stay.first_day.isoformat(),
        "signer_name": signer.name,
    }
