"""Support in a semester: consultations held and confirmed, payees entered, everything claimed."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, PlanMade, at
from deploy.demo.client import side_by_side
from deploy.demo.names import account
from deploy.demo.plan_lines import CONSULTATION, months, probe_months
from deploy.demo.plans_stage import suspend
from deploy.demo.scenario import ONCE, Attendance, Place, Stay, calendar, price_cents

WEDNESDAY = 2
EVERY = 2
"""Consultations are held in every second month, which is enough to be counted."""
FIRST_HOUR, LESSON_MINUTES, SLOT_MINUTES = 12, 40, 45
PROVIDERS_FROM = 800_000
PROVIDERS = {
    "meals": "caterer",
    "accommodation": "hostel",
    "learning_materials": "bookshop",
}
EVIDENCE = {
    "meals": "voucher",
    "accommodation": "invoice",
    "learning_materials": "invoice",
    "public_transport": "ticket",
    "special_transport": "receipt",
    "personal_items": "receipt",
}
ISSUER = "example supplier"
TRAVELLING = frozenset({"plan-unknown", "consultation-unknown"})
"""Refusals of claims for what payments has not heard of yet."""
RETURNED_PLACE, RETURNED_SEMESTER, RETURNED_KEY = "Preiļu novads", "2017-1", "P6"
RETURNED_TYPE, RETURNED_MONTH = "public_transport", "2017-10"
"""The one order that its bank will return."""
VOUCHERS_PLACE, VOUCHERS_SEMESTER, VOUCHERS_KEY = "Daugavpils", "2017-2", "D40"
VOUCHERS_MONTH = "2018-03"
"""The one month of meals that is eaten by vouchers (`meals_stage.py`)."""


async def consult(book: Book, where: Place, semester: str) -> None:
    """A consultation in every second month for each pupil who gets any, month after month."""
    stay = where.stays[semester]
    for number, month in enumerate(months(stay)):
        await suspend(book, where, semester, month)
        if number % EVERY == 0:
            await side_by_side(*(_month_at(book, school, month) for school in stay.schools))


def consultation_day(stay: Stay, month: str) -> date:
    """The first Wednesday from the 5th on, not before the stay has begun for some days."""
    year, number = (int(part) for part in month.split("-"))
    earliest = max(date(year, number, 5), stay.support_from, stay.first_day + timedelta(days=5))
    return earliest + timedelta(days=(WEDNESDAY - earliest.weekday()) % 7)


async def _month_at(book: Book, at_school: Attendance, month: str) -> None:
    """Write down and confirm the consultations of a school in a month, on the same day."""
    day = consultation_day(at_school.stay, month)
    made = [
        plan
        for plan in book.plans_at(at_school)
        if at_school.place.gets(at_school.semester, plan.pupil, CONSULTATION)
        and month not in probe_months(at_school, plan.pupil)
    ]
    if not made or day > at_school.stay.last_day:
        return
    key = f"{at_school.school}:{month}"
    who = people.school_coordinator(at_school.school)
    held = await book.doors.all_accepted(
        "plans:/consultations",
        [_consultation(book, at_school, plan, day) for plan in made],
        by=who,
        at=at(day, 20),
        key=f"consultations:{key}",
    )
    await book.doors.all_accepted(
        "plans:/consultations/confirmations",
        [
            {"consultation_id": one.id, "kind": "signature", "confirmed_on": day.isoformat()}
            for one in held
        ],
        by=who,
        at=at(day, 20, 30),
        key=f"confirmations:{key}",
    )
    for plan, one in zip(made, held, strict=True):
        assert one.id is not None
        book.consultations.setdefault(plan.plan_id, []).append(one.id)
    book.diary.count("consultations", len(held))


def _consultation(book: Book, at_school: Attendance, plan: PlanMade, day: date) -> dict[str, Any]:
    provider = at_school.consultant(plan.pupil)
    minutes = SLOT_MINUTES * _turn(at_school, plan.pupil, provider)
    return {
        "plan_id": plan.plan_id,
        "measure_id": plan.measures[CONSULTATION],
        "provider_ref": book.staff[provider],
        "provider_kind": at_school.place.staff_kind(provider),
        "held_on": day.isoformat(),
        "starts_at": f"{FIRST_HOUR + minutes // 60:02d}:{minutes % 60:02d}",
        "minutes": LESSON_MINUTES,
        "setting": "subject_consultation",
    }


def _turn(at_school: Attendance, pupil: int, provider: str) -> int:
    """How many pupils of the place a provider sees before this one on the same day."""
    turn = 0
    for school in at_school.stay.schools:
        for number in school.consulted:
            if school.school == at_school.school and number == pupil:
                return turn
            turn += school.consultant(number) == provider
    raise KeyError(pupil)


async def claim(book: Book, where: Place, semester: str) -> None:
    """At the end of the semester the payment office enters payees and claims."""
    stay = where.stays[semester]
    made = book.plans_of(where, semester)
    lines = [line for plan in made for line in claims_of(book, plan)]
    await enter_payees(book, where, semester, made)
    answers = await book.doors.all_accepted(
        "payments:/claims",
        lines,
        by=people.officers(where)[0],
        at=at(stay.last_day, 10),
        key=f"claims:{people.short(where)}:{semester}",
        travelling=TRAVELLING,
    )
    book.diary.count("claims", len(lines))
    if (where.name, semester) == (RETURNED_PLACE, RETURNED_SEMESTER):
        returned = claim_line(book.plans[semester, RETURNED_KEY], RETURNED_TYPE, RETURNED_MONTH)
        book.returned_order = answers[lines.index(returned)].details["order_id"]


async def enter_payees(
    book: Book, where: Place, semester: str, made: list[PlanMade], *, name: str = "all"
) -> None:
    """Enter everybody who is paid for these plans; who is known already stays as is."""
    await book.doors.all_accepted(
        "payments:/payees",
        list(_payees(where, made)),
        by=people.officers(where)[0],
        at=at(where.stays[semester].last_day, 9),
        key=f"payees:{people.short(where)}:{semester}:{name}",
    )


def _payees(where: Place, made: list[PlanMade]) -> Iterator[dict[str, Any]]:
    """Specialists, providers, and the families of these plans."""
    office = people.partner(where)
    for name in where.staff:
        human = people.staff(name)
        yield {
            "payee_id": name,
            "partner": office,
            "kind": "specialist",
            "name": human.name,
            "account": human.account,
            "code": human.personal_code,
        }
    for number, (_, provider) in enumerate(sorted(PROVIDERS.items())):
        yield {
            "payee_id": provider,
            "partner": office,
            "kind": "provider",
            "name": f"SIA „Piemērs {provider}”",
            "account": account(PROVIDERS_FROM + number),
        }
    for plan in made:
        yield _family(where, office, plan.pupil)


def _family(where: Place, office: str, pupil: int) -> dict[str, Any]:
    alone = where.signs_alone(pupil)
    human = people.pupil(where, pupil) if alone else people.parent(where, pupil)
    return {
        "payee_id": f"family-{where.pupil_prefix}{pupil}",
        "partner": office,
        "kind": "pupil" if alone else "parent",
        "name": human.name,
        "account": human.account,
        "code": human.personal_code,
    }


def claims_of(book: Book, plan: PlanMade) -> Iterator[dict[str, Any]]:
    """Everything delivered by a plan: its consultations, and each compensation in its months."""
    at_school = plan.attendance
    for consultation_id in book.consultations.get(plan.plan_id, []):
        yield {
            "plan_id": plan.plan_id,
            "measure_id": plan.measures[CONSULTATION],
            "cents": price_cents(CONSULTATION),
            "payee_id": at_school.consultant(plan.pupil),
            "evidence": {"kind": "consultation", "consultation_id": consultation_id},
        }
    for kind in at_school.place.supports(plan.semester, plan.pupil):
        if kind != CONSULTATION:
            wanted = months(at_school.stay)
            for month in wanted[:1] if kind in ONCE else wanted:
                if not _by_voucher(plan, kind, month):
                    yield claim_line(plan, kind, month)


def _by_voucher(plan: PlanMade, kind: str, month: str) -> bool:
    """Whether these meals are claimed voucher by voucher."""
    ours = (plan.key, plan.semester, month) == (VOUCHERS_KEY, VOUCHERS_SEMESTER, VOUCHERS_MONTH)
    return ours and kind == "meals"


def claim_line(plan: PlanMade, kind: str, month: str) -> dict[str, Any]:
    """A claim for a month of a compensation."""
    stay = plan.attendance.stay
    days = school_days(stay, month)
    evidence: dict[str, Any] = {
        "kind": EVIDENCE[kind],
        "issuer": ISSUER,
        "number": f"{plan.plan_id}/{kind}/{month}",
    }
    if kind == "meals":
        evidence |= {"quantity": days, "unit": "school_day"}
    if kind == "public_transport":
        evidence |= {"transport_line": "intercity", "date": f"{month}-01"}
        evidence |= {"from": plan.attendance.place.name, "to": plan.attendance.school}
    return {
        "plan_id": plan.plan_id,
        "measure_id": plan.measures[kind],
        "month": month,
        "cents": price_cents(kind) * (days if kind == "meals" else 1),
        "payee_id": PROVIDERS.get(kind, f"family-{plan.key}"),
        "evidence": evidence,
    }


def school_days(stay: Stay, month: str) -> int:
    """Working days of a month inside the stay, without the school break."""
    entry = next(one for one in calendar() if one["semester"] == stay.semester)
    first_off, last_off = (date.fromisoformat(day) for day in entry["break"])
    day, count = max(stay.first_day, stay.support_from), 0
    while day <= stay.last_day:
        at_school = day.weekday() < 5 and not first_off <= day <= last_off
        count += at_school and day.isoformat()[:7] == month
        day += timedelta(days=1)
    return count
