"""Plans of a semester: drafted or carried on by each preparer, approved, at its end closed."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, PlanMade, at, grouped
from deploy.demo.client import Line, side_by_side, until
from deploy.demo.plan_lines import content, risk_groups
from deploy.demo.scenario import Attendance, Place, Stay

CANDIDATES_MAX = 1_000


async def run(book: Book, where: Place, semester: str) -> None:
    """Draft, submit and approve all plans of a semester."""
    await side_by_side(*(_up_to_head(book, school) for school in where.stays[semester].schools))
    if "municipality" in where.chain:
        await _approved(book, where, semester, people.coordinator(where), 12)
    await _approved(book, where, semester, people.STATE_OFFICER, 13)
    book.diary.count("plans approved", len(book.plans_of(where, semester)))


def _second_day(stay: Stay) -> date:
    return stay.first_day + timedelta(days=1)


async def _up_to_head(book: Book, at_school: Attendance) -> None:
    """What a school does: draft, submit, and its head approves first."""
    await _drafted(book, at_school)
    made = book.plans_at(at_school)
    await _chain(book, made, "submissions", people.staff_subject(made[0].preparer), 10)
    await _chain(book, made, "approvals", people.head(at_school.school), 11)


async def _drafted(book: Book, at_school: Attendance) -> None:
    """Each preparer drafts for new pupils and carries on what was closed before."""
    await _known_in_plans(book, at_school)
    pupils = at_school.pupils
    by_preparer = grouped(pupils, (at_school.preparer(number) for number in pupils))
    await side_by_side(
        *(_by_preparer(book, at_school, name, who) for name, who in by_preparer.items())
    )


async def _known_in_plans(book: Book, at_school: Attendance) -> None:
    """Wait until plans has heard of every named pupil of the school with a signature."""
    stay = at_school.stay
    await until(
        lambda: book.doors.read(
            "plans:/candidates",
            by=people.school_coordinator(at_school.school),
            at=at(_second_day(stay), 8),
            school_id=at_school.school,
            semester=at_school.semester,
            limit=CANDIDATES_MAX,
        ),
        lambda seen: _ready(seen["candidates"], len(at_school.pupils)),
        f"{len(at_school.pupils)} candidates of {at_school.school} in {at_school.semester}",
    )


def _ready(candidates: Sequence[dict[str, Any]], count: int) -> bool:
    """Whether all pupils are there and none of them lacks anything."""
    return len(candidates) >= count and not any(one["missing"] for one in candidates)


async def _by_preparer(book: Book, at_school: Attendance, name: str, pupils: Sequence[int]) -> None:
    continued = {*at_school.continued, *at_school.moved_in}
    new = [number for number in pupils if number not in continued]
    old = [number for number in pupils if number in continued]
    semester = at_school.semester
    await _kept(book, at_school, name, new, "plans", [_draft(book, at_school, n) for n in new])
    lines = [
        {"plan_id": _plan_before(book, at_school, n), "semester": semester} | content(at_school, n)
        for n in old
    ]
    await _kept(book, at_school, name, old, "plans/continuations", lines)


def _plan_before(book: Book, at_school: Attendance, number: int) -> str:
    """The plan of the semester before."""
    year, half = at_school.semester.split("-")
    before = f"{year}-1" if half == "2" else f"{int(year) - 1}-2"
    return book.plans[before, f"{at_school.place.pupil_prefix}{number}"].plan_id


async def _kept(
    book: Book,
    at_school: Attendance,
    name: str,
    pupils: Sequence[int],
    path: str,
    lines: list[dict[str, Any]],
) -> None:
    """Send drafts and remember plans and measures."""
    stay = at_school.stay
    answers = await book.doors.all_accepted(
        f"plans:/{path}",
        lines,
        by=people.staff_subject(name),
        at=at(_second_day(stay), 9),
        key=f"{path}:{at_school.school}:{at_school.semester}:{name}",
    )
    for number, line, answer in zip(pupils, lines, answers, strict=True):
        made = _plan_made(at_school, number, name, line, answer)
        book.plans[at_school.semester, made.key] = made
    book.diary.count("plans", len(pupils))


def _plan_made(
    at_school: Attendance, number: int, name: str, line: dict[str, Any], answer: Line
) -> PlanMade:
    assert answer.id is not None
    types = [measure["support_type"] for measure in line["measures"]]
    ids: list[str] = answer.details["measures"]
    return PlanMade(
        plan_id=answer.id,
        place=at_school.place,
        school=at_school.school,
        pupil=number,
        semester=at_school.semester,
        preparer=name,
        measures=dict(zip(types, ids, strict=True)),
    )


def _draft(book: Book, at_school: Attendance, number: int) -> dict[str, Any]:
    ref = book.pupil_ref(at_school.place, number)
    return {"pupil_ref": ref, "semester": at_school.semester} | content(at_school, number)


async def _approved(book: Book, where: Place, semester: str, by: str, hour: int) -> None:
    await _chain(book, book.plans_of(where, semester), "approvals", by, hour)


async def _chain(book: Book, made: list[PlanMade], step: str, by: str, hour: int) -> None:
    """One level of the approval chain decides on many plans at once."""
    first = made[0]
    stay = first.place.stays[first.semester]
    await book.doors.all_accepted(
        f"plans:/plans/{step}",
        [{"plan_id": plan.plan_id} for plan in made],
        by=by,
        at=at(_second_day(stay), hour),
        key=f"{step}:{by}:{first.semester}:{first.school}",
    )


async def suspend(book: Book, where: Place, semester: str, month: str) -> None:
    """Suspend who leaves the project before any support; the plan stays and is not deleted."""
    stay = where.stays[semester]
    if stay.suspended_on is None or stay.suspended_on.isoformat()[:7] != month:
        return
    plans = [book.plans[semester, f"{where.pupil_prefix}{n}"] for n in stay.suspended]
    why = {"reason_code": "left_project", "comment": "left the project before any support"}
    await book.doors.all_accepted(
        "plans:/plans/suspensions",
        [{"plan_id": plan.plan_id, **why} for plan in plans],
        by=people.head(plans[0].school),
        at=at(stay.suspended_on, 9),
        key=f"suspensions:{semester}",
    )
    book.diary.note(f"suspended before any support: {len(plans)} plans of {where.name}")


def _goes_on(made: PlanMade) -> bool:
    """Whether the pupil has a plan in the next semester."""
    year, half = made.semester.split("-")
    after = f"{int(year) + 1}-1" if half == "2" else f"{year}-2"
    stay = made.place.stays.get(after)
    return stay is not None and any(
        made.pupil in (*school.continued, *school.moved_in) for school in stay.schools
    )


async def close(book: Book, where: Place, semester: str) -> None:
    """Evaluate and close all plans at the end of the semester."""
    await side_by_side(*(_closed(book, school) for school in where.stays[semester].schools))


async def _closed(book: Book, at_school: Attendance) -> None:
    made = book.plans_at(at_school)
    day = at_school.stay.last_day
    head = people.head(at_school.school)
    key = f"{at_school.school}:{at_school.semester}"
    await book.doors.all_accepted(
        "plans:/plans/evaluations",
        [_evaluation(book, plan) for plan in made],
        by=head,
        at=at(day, 15),
        key=f"evaluations:{key}",
    )
    await book.doors.all_accepted(
        "plans:/plans/closings",
        [{"plan_id": plan.plan_id} for plan in made],
        by=head,
        at=at(day, 16),
        key=f"closings:{key}",
    )


def _evaluation(book: Book, made: PlanMade) -> dict[str, Any]:
    stopped = made.pupil in made.place.stays[made.semester].suspended
    outcome = {"outcome": "not_done", "reason": "suspended"} if stopped else {"outcome": "done"}
    return {
        "plan_id": made.plan_id,
        "measures": [{"measure_id": one, **outcome} for one in made.measures.values()],
        "risks": [
            {"group": group, "outcome": "same" if stopped else "reduced"}
            for group in risk_groups(made.attendance, made.pupil)
        ],
        "preparation": [
            {
                "staff_ref": book.staff[made.preparer],
                "staff_kind": made.place.staff_kind(made.preparer),
                "minutes": 240,
            }
        ],
        "continues": _goes_on(made),
        "conclusion": "evaluated with the pupil",
    }
