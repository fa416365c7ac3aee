"""Meals by voucher: a batch from its issue to its payment, and two days that are not paid.

The Daugavpils vocational school in March 2018: a pupil is away on one day, and in the school
break, which closes the school, the head has ordered practice on its first days.
"""

from typing import Any

from deploy.demo import money_stage, people
from deploy.demo.book import Book, PlanMade, at
from deploy.demo.client import Line, until
from deploy.demo.office_month import NotAsForeseen
from deploy.demo.scenario import Place
from deploy.demo.support_stage import (
    PROVIDERS,
    TRAVELLING,
    VOUCHERS_KEY,
    VOUCHERS_MONTH,
    VOUCHERS_PLACE,
    VOUCHERS_SEMESTER,
    enter_payees,
)
from shared.calendar import month_bounds
from shared.money import euro

FIRST_DAY, LAST_DAY = month_bounds(VOUCHERS_MONTH)
AT_SCHOOL, AWAY, AT_PRACTICE, IN_BREAK = (f"{VOUCHERS_MONTH}-{day:02d}" for day in (5, 6, 13, 16))
WHY_NOT = {AT_SCHOOL: None, AWAY: "absent", AT_PRACTICE: None, IN_BREAK: "break"}
"""Of each day on which a voucher is handed in, why its meal is not paid."""
PAID = [day for day, why in WHY_NOT.items() if why is None]
PRACTICE = (f"{VOUCHERS_MONTH}-12", f"{VOUCHERS_MONTH}-14")


def _is_here(where: Place, semester: str) -> bool:
    """Whether this is the place and semester of the story."""
    return (where.name, semester) == (VOUCHERS_PLACE, VOUCHERS_SEMESTER)


async def serve(book: Book, where: Place, semester: str) -> None:
    """Vouchers are issued, handed out, handed in for days, and claimed where a meal was due."""
    if not _is_here(where, semester):
        return
    plan = book.plans[semester, VOUCHERS_KEY]
    await enter_payees(book, where, semester, [plan], name="caterer")
    numbers = await _issued(book, where, plan)
    await _away_and_at_practice(book, where, plan)
    answers = await _handed_in(book, where, numbers)
    good = [number for number, answer in zip(numbers, answers, strict=True) if answer.accepted]
    claimed = await book.doors.all_accepted(
        "payments:/claims",
        [_voucher_claim(plan, number, 150) for number in good],
        by=people.officers(where)[0],
        at=at(LAST_DAY, 20),
        key=f"claims of vouchers:{plan.plan_id}",
    )
    book.voucher_orders = {answer.details["order_id"] for answer in claimed}


async def _issued(book: Book, where: Place, plan: PlanMade) -> list[str]:
    """A batch for the month, by its printed numbers, handed to the pupil by the school."""
    office = people.partner(where)
    line = {"plan_id": plan.plan_id, "measure_id": plan.measures["meals"]}
    (batch,) = await book.doors.all_accepted(
        f"payments:/offices/{office}/vouchers",
        [line | {"month": VOUCHERS_MONTH, "quantity": len(WHY_NOT)}],
        by=people.officers(where)[0],
        at=at(FIRST_DAY, 8),
        key=f"vouchers:{plan.plan_id}",
        travelling=TRAVELLING,
    )
    printed = await book.doors.fetch(
        f"payments:/offices/{office}/vouchers/{batch.id}/printed",
        by=people.officers(where)[0],
        at=at(FIRST_DAY, 8, 30),
    )
    rows = printed.decode().splitlines()[1:]
    numbers = [row.partition(";")[0] for row in rows]
    await book.doors.all_accepted(
        "payments:/vouchers/activations",
        [{"voucher_no": number} for number in numbers],
        by=people.school_coordinator(plan.school),
        at=at(FIRST_DAY, 9),
        key=f"activations:{plan.plan_id}",
    )
    book.diary.note(
        f"{len(numbers)} vouchers for meals in {VOUCHERS_MONTH} issued, printed and handed out"
    )
    return numbers


async def _away_and_at_practice(book: Book, where: Place, plan: PlanMade) -> None:
    """The school marks a day away, the head orders practice, and payments hears of both."""
    await book.doors.command(
        "identification:/attendance/days",
        {"lines": [{"pupil_ref": book.pupils[plan.key], "day": AWAY}]},
        by=people.school_coordinator(plan.school),
        at=at(LAST_DAY, 8),
        key=f"day away:{plan.key}",
    )
    order = {
        "school_id": plan.school,
        "kind": "practice",
        "number": f"practice/{VOUCHERS_MONTH}",
        "issued_on": FIRST_DAY.isoformat(),
        "valid_from": PRACTICE[0],
        "valid_to": PRACTICE[1],
        "plan_ids": [plan.plan_id],
        "place": "a workshop of the town",
        "place_kind": "enterprise",
    }
    await book.doors.all_accepted(
        "plans:/head-orders",
        [order],
        by=people.head(plan.school),
        at=at(FIRST_DAY, 10),
        key=f"practice:{plan.plan_id}",
    )
    await _heard(book, where, plan)


async def _heard(book: Book, where: Place, plan: PlanMade) -> None:
    """Wait until payments knows which of the days are paid."""

    async def foreseen() -> list[bool]:
        """Whether a meal of each day would be paid; asking changes nothing."""
        answers = await book.doors.bulk(
            "payments:/claims/what-if",
            [_day_claim(plan, day) for day in WHY_NOT],
            by=people.officers(where)[0],
            at=at(LAST_DAY, 10),
            key=f"days foreseen:{plan.plan_id}",
        )
        return [answer.accepted for answer in answers]

    as_told = [why is None for why in WHY_NOT.values()]
    await until(foreseen, lambda found: found == as_told, "payments hears of the pupil's days")


async def _handed_in(book: Book, where: Place, numbers: list[str]) -> list[Line]:
    """The caterer hands in one voucher a day; two days are refused with their sentence."""
    answers = await book.doors.bulk(
        f"payments:/offices/{people.partner(where)}/vouchers/redemptions",
        [
            {"voucher_no": number, "served_on": day, "payee_id": PROVIDERS["meals"]}
            for number, day in zip(numbers, WHY_NOT, strict=True)
        ],
        by=people.officers(where)[0],
        at=at(LAST_DAY, 12),
        key=f"redemptions:{where.name}",
    )
    for (day, why), answer in zip(WHY_NOT.items(), answers, strict=True):
        reason = None if answer.accepted else answer.details["days"][0]["code"]
        if reason != why:
            raise NotAsForeseen(f"a meal on {day} gave {answer}")
        if reason is not None:
            book.diary.note(f"a meal that is not paid: {answer.message}")
    book.diary.note(f"the meal of {AT_PRACTICE}, in the break, is paid: it was a day of practice")
    return answers


def _voucher_claim(plan: PlanMade, number: str, cents: int) -> dict[str, Any]:
    """The caterer's claim for the meal of a voucher."""
    return {
        "plan_id": plan.plan_id,
        "measure_id": plan.measures["meals"],
        "month": VOUCHERS_MONTH,
        "cents": cents,
        "payee_id": PROVIDERS["meals"],
        "evidence": {"kind": "voucher", "number": number},
    }


def _day_claim(plan: PlanMade, day: str) -> dict[str, Any]:
    """A claim for the meal of one day on a paper nobody has."""
    claim = _voucher_claim(plan, f"{plan.plan_id}/{day}", 1) | {"month": None, "days": [day]}
    return claim | {"evidence": claim["evidence"] | {"issuer": "nobody"}}


async def paid(book: Book, where: Place, semester: str) -> None:
    """The caterer has the money of the vouchers that were taken."""
    if not _is_here(where, semester):
        return
    office, officer = people.partner(where), people.officers(where)[0]
    day = where.stays[semester].last_day
    settled = await money_stage.orders(book, office, officer, day, state="settled")
    ours = [one for one in settled if one["order_id"] in book.voucher_orders]
    if {one["order_id"] for one in ours} != book.voucher_orders or len(ours) != len(PAID):
        raise NotAsForeseen(f"the vouchers' orders are {book.voucher_orders}, paid are {ours}")
    cents = sum(one["cents"] for one in ours)
    book.diary.note(f"the caterer was paid {euro(cents)} EUR for {len(ours)} vouchers")
