"""How a pupil's month stands, as data and as one sentence in each language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from services.payments.ledger.domain import Line, Place
from services.payments.ledger.months import PupilMonth
from shared.money import euro

_MONTHS_EN = (
    "January February March April May June July August September October November December"
).split()
_MONTHS_LV = (
    "janvārī februārī martā aprīlī maijā jūnijā jūlijā augustā septembrī oktobrī novembrī decembrī"
).split()


@dataclass(frozen=True, slots=True)
class TypeName:
    """A support type inside a sentence: Latvian in the dative."""

    lv: str
    en: str


NAMES = {
    "consultation": TypeName("konsultācijām", "consultations"),
    "public_transport": TypeName("sabiedriskajam transportam", "public transport"),
    "accommodation": TypeName("naktsmītnei", "accommodation"),
    "meals": TypeName("ēdināšanai", "meals"),
    "learning_materials": TypeName("mācību līdzekļiem", "learning materials"),
    "personal_items": TypeName("personīgajām lietām", "personal items"),
    "special_transport": TypeName("speciālajam transportam", "special transport"),
    "ngo_project": TypeName("jaunatnes projektam", "youth project"),
    "preparation": TypeName("plāna sagatavošanai", "plan preparation"),
    "grant_instalment": TypeName("projekta maksājumam", "grant instalment"),
}


class UsedLine(BaseModel):
    """What one type of support at one school uses of the month, and which partner pays it."""

    model_config = ConfigDict(frozen=True)

    support_type: str
    school_id: str
    partner: str
    ordered_cents: int
    reserved_cents: int


class MonthExplained(BaseModel):
    """A pupil's month: the ceiling, what is spoken for by which type, what is left.

    `room_left_cents` is not ordered yet (reservations included), `free_cents` neither ordered
    nor reserved. `elsewhere_cents` is used or kept by other payment offices, without saying where
    or for what; while `awaited` it is what they have not told yet.
    """

    model_config = ConfigDict(frozen=True)

    pupil_ref: str
    month: str
    cap_cents: int
    ordered_cents: int
    reserved_cents: int
    room_left_cents: int
    free_cents: int
    elsewhere_cents: int = 0
    awaited: bool = False
    lines: tuple[UsedLine, ...]
    sentence_lv: str
    sentence_en: str


def explain(
    month: PupilMonth, lines: Sequence[Line], places: Mapping[str, Place]
) -> MonthExplained:
    """The explanation of a month by its lines; lines outside the ceiling do not count.

    `places` say of each plan of the lines where it is. Schools are named where the month is used
    at several.
    """
    counted = [line for line in lines if line.under_ceiling]
    used = _by_type_and_school(counted, places)
    schools = {place.school_id: place for place in (places[line.plan_id] for line in counted)}
    if len({one.school_id for one in used}) == 1:
        schools = {}
    return MonthExplained(
        pupil_ref=month.pupil_ref,
        month=month.month,
        cap_cents=month.cap,
        ordered_cents=month.ordered,
        reserved_cents=month.reserved,
        room_left_cents=month.room,
        free_cents=month.free,
        elsewhere_cents=month.elsewhere,
        awaited=bool(month.awaits),
        lines=used,
        sentence_en=_in_english(month, used, schools),
        sentence_lv=_in_latvian(month, used, schools),
    )


def _in_english(month: PupilMonth, used: Sequence[UsedLine], schools: Mapping[str, Place]) -> str:
    """The English sentence."""
    ordered = [u for u in used if u.ordered_cents]
    reserved = [u for u in used if u.reserved_cents]
    return _sentence(
        f"of {euro(month.cap)} EUR in {_MONTHS_EN[int(month.month[5:]) - 1]}",
        [f"{euro(u.ordered_cents)} used by {_en(u, schools)}" for u in ordered],
        [
            *(f"{euro(u.reserved_cents)} reserved for {_en(u, schools)}" for u in reserved),
            *_elsewhere(month, euro(month.elsewhere), *_ELSEWHERE_EN),
        ],
        f"{euro(month.free)} left",
    )


def _in_latvian(month: PupilMonth, used: Sequence[UsedLine], schools: Mapping[str, Place]) -> str:
    """The Latvian sentence."""
    ordered = [u for u in used if u.ordered_cents]
    reserved = [u for u in used if u.reserved_cents]
    return _sentence(
        f"no {_comma(month.cap)} EUR {_MONTHS_LV[int(month.month[5:]) - 1]}",
        [f"{_comma(u.ordered_cents)} izlietoti {_lv(u, schools)}" for u in ordered],
        [
            *(f"{_comma(u.reserved_cents)} rezervēti {_lv(u, schools)}" for u in reserved),
            *_elsewhere(month, _comma(month.elsewhere), *_ELSEWHERE_LV),
        ],
        f"{_comma(month.free)} atlikuši",
    )


_ELSEWHERE_EN = "at other payment offices", "not told yet by other payment offices"
_ELSEWHERE_LV = "pie citiem maksātājiem", "citi maksātāji vēl nav ziņojuši"
"""Said of what is elsewhere: once it is known, and before."""


def _elsewhere(month: PupilMonth, sum_eur: str, known: str, awaited: str) -> list[str]:
    """What other offices hold of the month, as one number, where there is anything."""
    if not month.elsewhere:
        return []
    return [f"{sum_eur} {awaited if month.awaits else known}"]


def _by_type_and_school(lines: Iterable[Line], places: Mapping[str, Place]) -> tuple[UsedLine, ...]:
    """Sums of each type at each school, biggest use first."""
    sums: dict[tuple[str, str, str], tuple[int, int]] = {}
    for line in lines:
        place = places[line.plan_id]
        key = line.support_type, place.school_id, place.partner
        ordered, reserved = sums.get(key, (0, 0))
        sums[key] = ordered + line.ordered, reserved + line.reserved
    used = [
        UsedLine(
            support_type=kind,
            school_id=school_id,
            partner=partner,
            ordered_cents=ordered,
            reserved_cents=reserved,
        )
        for (kind, school_id, partner), (ordered, reserved) in sums.items()
        if ordered or reserved
    ]
    return tuple(sorted(used, key=_by_use))


def _by_use(used: UsedLine) -> tuple[int, int, str, str]:
    """Biggest first, then by name."""
    return -used.ordered_cents, -used.reserved_cents, used.support_type, used.school_id


def _sentence(start: str, used: list[str], reserved: list[str], left: str) -> str:
    """One sentence: what of the month, used, reserved, left."""
    return f"{start} {', '.join([*used, *reserved, left])}"


def _comma(cents: int) -> str:
    """Euros as they are written in Latvian."""
    return euro(cents).replace(".", ",")


def _en(used: UsedLine, schools: Mapping[str, Place]) -> str:
    """The English name of a type, and where it is used if that is to be said."""
    school = schools.get(used.school_id)
    return NAMES[used.support_type].en + (f" at {school.name_en}" if school else "")


def _lv(used: UsedLine, schools: Mapping[str, Place]) -> str:
    """The Latvian name of a type, and where it is used if that is to be said."""
    school = schools.get(used.school_id)
    return NAMES[used.support_type].lv + (f" ({school.name_lv})" if school else "")
