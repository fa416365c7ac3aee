"""What happened in the places of the five pages, as facts; their registers and people."""

from collections.abc import Iterator, Sequence
from datetime import date

from deploy.demo import scenario
from deploy.demo.scenario import Attendance, Place, Stay
from shared.calendar import months_between
from shared.contracts.base import Fact
from shared.contracts.identification import MunicipalityRegistered, Programme, RiskGroup, Sex
from shared.contracts.payments import OrderFact, PaymentSettled
from shared.contracts.plans import (
    DeliveryMode,
    PlannedMeasure,
    PlannedMonth,
    PlanSuspended,
    SupportType,
)
from tests.builders_reporting import OFFICER, Plan, a_school, register, staff
from tests.doors import Doors


def the_five_places() -> list[tuple[Fact, date]]:
    """What happened in the places of the five pages, in order of time."""
    facts = [
        found
        for place in scenario.places()
        for stay in place.stays.values()
        for at in stay.schools
        for number in at.pupils
        for found in _of_pupil(place, stay, at, number)
    ]
    return sorted(facts, key=lambda found: found[1])


def partner_of(place: Place) -> str:
    """The registration number of a place's partner."""
    order = [one.name for one in scenario.places()].index(place.name)
    return f"9000000{order + 1}0{'9' if place.is_own_partner else '0'}1"


def municipality_of(place: Place) -> str:
    """The registration number of a place's municipality."""
    order = [one.name for one in scenario.places()].index(place.name)
    return f"9000000{order + 1}001"


def _of_pupil(place: Place, stay: Stay, at: Attendance, number: int) -> Iterator[tuple[Fact, date]]:
    """One pupil's plan and support of a semester."""
    name = f"{place.pupil_prefix}{number}"
    plan = Plan(
        f"{name}-{stay.semester}",
        who=name,
        school=at.school,
        partner=partner_of(place),
        municipality=municipality_of(place),
        semester=stay.semester,
    )
    preparer = at.preparer(number)
    suspended = number in stay.suspended
    kinds = ("consultation",) if suspended else place.supports(stay.semester, number)
    months = months_between(max(stay.first_day, stay.support_from), stay.last_day)
    yield plan.submitted(), stay.first_day
    yield (
        plan.approved(
            stay.first_day,
            valid_to=stay.last_day,
            programme=Programme(place.programme),
            grade=place.grade(number, stay.semester),
            sex=Sex.FEMALE if number % 3 == 0 else Sex.MALE,
            risk_groups=(RiskGroup.LEARNING, *((RiskGroup.ECONOMIC,) if number % 2 else ())),
            preparer_ref=staff(preparer),
            preparer_kind=place.staff_kind(preparer),
            measures=tuple(_planned(kind, months) for kind in kinds),
        ),
        stay.first_day,
    )
    if suspended:
        assert stay.suspended_on is not None
        fact = plan.tells(PlanSuspended, reason_code="left", suspended_on=stay.suspended_on)
        yield fact, stay.suspended_on
        return
    for kind in kinds:
        yield from _delivered(place, stay, at, number, plan, kind, months)


def _planned(kind: str, months: Sequence[str]) -> PlannedMeasure:
    return PlannedMeasure(
        measure_id=kind,
        support_type=SupportType(kind),
        delivery_mode=DeliveryMode.IN_KIND,
        provider_kind=None,
        planned=tuple(PlannedMonth(month=month, cents=2_000) for month in months),
    )


def _delivered(
    place: Place,
    stay: Stay,
    at: Attendance,
    number: int,
    plan: Plan,
    kind: str,
    months: Sequence[str],
) -> Iterator[tuple[Fact, date]]:
    """Support of a type in every month, or in the first one only."""
    for month in months[:1] if kind in scenario.ONCE else months:
        start = max(stay.support_from, stay.first_day, date.fromisoformat(f"{month}-01"))
        if kind == "consultation":
            who = at.consultant(number)
            yield plan.consulted(start, by=who, kind=place.staff_kind(who)), start
            continue
        order = plan.ordered(kind, start)
        yield order, start
        yield _settled(order, start), start


def _settled(order: OrderFact, day: date) -> PaymentSettled:
    values = order.model_dump() | {"version": order.version + 1, "booked_on": day}
    return PaymentSettled.model_validate(values)


async def register_the_five_places(doors: Doors) -> None:
    """The municipalities, schools and people of the five places."""
    towns = [
        MunicipalityRegistered(
            register_key=f"municipality:{municipality_of(place)}",
            version=1,
            municipality_id=municipality_of(place),
            name_lv=place.name,
            name_en=place.name,
            codes=(),
            successor_id=None,
            valid_from=None,
            valid_to=None,
            partner_since=None if place.is_own_partner else date(2017, 3, 1),
        )
        for place in scenario.places()
    ]
    schools = []
    for entry in scenario.schools():
        place = scenario.place(entry.place)
        own = partner_of(place) if place.is_own_partner else None
        school = a_school(entry.id, municipality_of(place), partner=own)
        schools.append(school.model_copy(update={"status": entry.status, "name_lv": entry.name}))
        await doors.grant(f"head.{entry.id}", "head", entry.id)
    for place in scenario.places():
        town = municipality_of(place)
        await doors.grant(f"coordinator.{place.pupil_prefix}", "municipality_coordinator", town)
    await doors.grant(OFFICER, "state_officer", "state")
    await register(doors, towns, schools)
