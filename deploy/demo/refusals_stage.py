"""What the programme must refuse, tried out: ceiling, evidence twice, local bus, late call."""

from datetime import date
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, PlanMade, at
from deploy.demo.client import Line, Refusal, until
from deploy.demo.pupils_stage import NotRefused
from deploy.demo.scenario import Place, places, price_cents
from deploy.demo.support_stage import EVIDENCE, ISSUER, claim_line, enter_payees
from shared.calendar import month_bounds

AFTER_THE_END = date(2023, 3, 1)
CEILING_USED_UP = "ceiling-used-up"


async def ceiling(book: Book, where: Place, semester: str) -> None:
    """Where the place has a probe: use one month of a pupil to the cent, then ask for one more."""
    probe = where.cap_probe
    if probe is None:
        return
    plan = book.plans[semester, f"{where.pupil_prefix}{probe['pupil']}"]
    if probe["month"] not in plan.months:
        return
    await enter_payees(book, where, semester, [plan], name="probe")
    await _reserved(book, plan, probe["month"])
    for number, step in enumerate(probe["steps"]):
        answer = await _claim(book, where, _probe_claim(plan, probe["month"], step), number)
        _as_foreseen(book, step, answer)


async def _reserved(book: Book, plan: PlanMade, month: str) -> None:
    """The approval reserves the whole month; wait until payments has heard of it."""
    planned = sum(
        step["cents"] for step in (plan.place.cap_probe or {})["steps"] if step["accepted"]
    )

    async def reserved_cents() -> int:
        try:
            shown = await book.doors.read(
                f"payments:/pupil-months/{book.pupils[plan.key]}/{month}",
                by=people.officers(plan.place)[0],
                at=at(plan.attendance.stay.last_day, 8),
            )
        except Refusal as refusal:
            return _nothing_yet(refusal)
        return int(shown["reserved_cents"])

    await until(reserved_cents, lambda cents: cents == planned, f"{planned} cents are reserved")


def _nothing_yet(refusal: Refusal) -> int:
    """A pupil payments has not heard of has nothing reserved; any other refusal is raised."""
    if refusal.code != "pupil-unknown":
        raise refusal
    return 0


def _probe_claim(plan: PlanMade, month: str, step: dict[str, Any]) -> dict[str, Any]:
    kind = step["support_type"]
    evidence: dict[str, Any] = {
        "kind": EVIDENCE[kind],
        "issuer": ISSUER,
        "number": f"{plan.plan_id}/probe/{kind}",
    }
    if kind == "meals":
        evidence |= {"quantity": step["cents"] // price_cents(kind), "unit": "school_day"}
    return {
        "plan_id": plan.plan_id,
        "measure_id": plan.measures[kind],
        "month": month,
        "cents": step["cents"],
        "payee_id": f"family-{plan.key}",
        "evidence": evidence,
    }


async def _claim(book: Book, where: Place, line: dict[str, Any], number: int) -> Line:
    last_day = month_bounds(line["month"])[1]
    [answer] = await book.doors.bulk(
        "payments:/claims",
        [line],
        by=people.officers(where)[0],
        at=at(last_day, 20),
        key=f"probe:{line['evidence']['number']}:{number}",
    )
    return answer


def _as_foreseen(book: Book, step: dict[str, Any], answer: Line) -> None:
    room = answer.details.get("room_left_cents")
    if answer.accepted != step["accepted"] or room != step["room_left"]:
        raise NotRefused(f"the ceiling gave {answer} for {step}")
    if not answer.accepted:
        if answer.code != CEILING_USED_UP:
            raise NotRefused(f"the ceiling refused for another reason: {answer}")
        book.diary.note(f"refused, as it must be: {step['cents']} cent more: {answer.message}")


async def evidence(book: Book) -> None:
    """Claim the same paper again, and a bus inside a city that pays intercity lines only."""
    for key, kind, month, changed, code in (
        ("P6", "meals", "2017-10", {}, "evidence-already-paid"),
        ("L5", "public_transport", "2017-10", _LOCAL, "transport-out-of-scope"),
    ):
        plan = book.plans["2017-1", key]
        line = claim_line(plan, kind, month)
        line["evidence"] = line["evidence"] | changed
        answer = await _claim(book, plan.place, line, 1)
        if answer.accepted or answer.code != code:
            raise NotRefused(f"{code} was expected for {line}, not {answer}")
        book.diary.note(f"refused, as it must be: {answer.message}")
        book.extra[code] = answer


_LOCAL = {"number": "a bus inside the city", "transport_line": "local"}


async def after_the_end(book: Book) -> None:
    """Nothing begins after the approved end of the programme."""
    where = next(one for one in places() if one.youth_call is not None)
    wanted = {
        "municipality_id": people.municipality(where),
        "opens_on": AFTER_THE_END.isoformat(),
        "quota": 1,
        "nolikum_version": "late",
    }
    try:
        await book.doors.command(
            "ngo_grants:/calls",
            wanted,
            by=people.ORGANISER,
            at=at(AFTER_THE_END, 9),
            key="call after the end",
        )
    except Refusal as refusal:
        book.extra["after-the-end"] = refusal.code
        book.diary.note(f"refused, as it must be: {refusal.problem['detail']}")
    else:
        raise NotRefused("a call after the programme's end was accepted")
