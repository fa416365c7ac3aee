"""Plans in tests: drafts, whole chains, evaluations, consultations, and what was refused."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from tests.builders_plan_places import (
    HEAD,
    MONTHS,
    SCHOOL,
    SEMESTER,
    STATE_OFFICER,
    TEACHER,
    TOWN_COORDINATOR,
    a_pupil,
    staff_ref,
)
from tests.doors import Doors


def a_measure(support: str = "meals", cents: int = 4000, **more: Any) -> dict[str, Any]:
    """A measure planned in every month of autumn."""
    consultation = support == "consultation"
    return {
        "support_type": support,
        "delivery_mode": "in_kind",
        "provider_kind": "teacher" if consultation else None,
        "risk_groups": ["R1" if consultation else "R3"],
        "justification": "it reduces the risk",
        "planned": [{"month": month, "cents": cents} for month in MONTHS],
    } | more


def a_content(*measures: dict[str, Any]) -> dict[str, Any]:
    """Two risks, and by default consultations and meals."""
    return {
        "risks": [
            {"group": "R1", "justification": "cannot follow the lessons"},
            {"group": "R3", "justification": "comes without breakfast"},
        ],
        "measures": list(measures) or [a_measure("consultation", 3200), a_measure("meals", 4000)],
    }


def a_draft(ref: str, *measures: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A draft for a pupil in autumn 2017."""
    return {"pupil_ref": ref, "semester": SEMESTER} | a_content(*measures) | more


def kept(answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers of lines, all of which must have been accepted."""
    assert all(answer["status"] == "accepted" for answer in answers), answers
    return list(answers)


async def drafted(
    doors: Doors, number: int, *measures: dict[str, Any], school: str = SCHOOL
) -> dict[str, Any]:
    """A new pupil's draft, as it was answered."""
    ref = await a_pupil(doors, number, school)
    by = TEACHER if school == SCHOOL else "state.teacher"
    line = a_draft(ref, *measures)
    answers = kept(await doors.lines("/plans", [line], by=by, at="2017-09-06"))
    return answers[0]


CHAIN = (HEAD, TOWN_COORDINATOR, STATE_OFFICER)


async def approved(
    doors: Doors, number: int, *measures: dict[str, Any], at: str = "2017-09-07"
) -> dict[str, Any]:
    """A new pupil's plan, approved at all levels."""
    draft = await drafted(doors, number, *measures)
    await through_the_chain(doors, draft["id"], at=at)
    return draft


async def through_the_chain(doors: Doors, plan_id: str, *, at: str) -> None:
    """Submit a plan and let all levels approve it."""
    line = [{"plan_id": plan_id}]
    kept(await doors.lines("/plans/submissions", line, by=TEACHER, at=at))
    for who in CHAIN:
        kept(await doors.lines("/plans/approvals", line, by=who, at=at))


def an_evaluation(draft: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Everything done, every risk reduced, four hours of preparation, and it goes on."""
    return {
        "plan_id": draft["id"],
        "measures": [
            {"measure_id": one, "outcome": "done"} for one in draft["details"]["measures"]
        ],
        "risks": [{"group": group, "outcome": "reduced"} for group in ("R1", "R3")],
        "preparation": [{"staff_ref": staff_ref(TEACHER), "staff_kind": "teacher", "minutes": 240}],
        "continues": True,
        "conclusion": "comes to school again",
    } | more


async def closed(
    doors: Doors, number: int, *, at: str = "2017-12-21", **more: Any
) -> dict[str, Any]:
    """A plan from draft to closing."""
    draft = await approved(doors, number)
    line = an_evaluation(draft, **more)
    kept(await doors.lines("/plans/evaluations", [line], by=TEACHER, at=at))
    kept(await doors.lines("/plans/closings", [{"plan_id": draft["id"]}], by=TEACHER, at=at))
    return draft


def a_consultation(plan_id: str, **more: Any) -> dict[str, Any]:
    """An hour with the teacher on 2 October at two."""
    return {
        "plan_id": plan_id,
        "provider_ref": staff_ref(TEACHER),
        "provider_kind": "teacher",
        "held_on": "2017-10-02",
        "starts_at": time(14).isoformat("minutes"),
        "minutes": 40,
        "setting": "after_lessons",
    } | more


async def state_of(doors: Doors, plan_id: str) -> str:
    """Where a plan stands, as the auditor sees it."""
    answer = await doors.get(f"/plans/{plan_id}", by="auditor", at="2017-12-31")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


async def refusal(
    doors: Doors, path: str, line: dict[str, Any], *, by: str = TEACHER, at: str = "2017-10-02"
) -> str:
    """The code that refuses one line of a command."""
    answers = await doors.lines(f"/plans/{path}", [line], by=by, at=at)
    assert answers[0]["status"] == "refused", answers
    return str(answers[0]["code"])


async def draft_refusal(
    doors: Doors, line: dict[str, Any], *, by: str = TEACHER, at: str = "2017-09-06"
) -> str:
    """The code that refuses one draft."""
    answers = await doors.lines("/plans", [line], by=by, at=at)
    assert answers[0]["status"] == "refused", answers
    return str(answers[0]["code"])


async def shown(doors: Doors, plan_id: str, *, by: str = TEACHER) -> dict[str, Any]:
    """A plan as somebody sees it."""
    answer = await doors.get(f"/plans/{plan_id}", by=by, at="2017-12-31")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
