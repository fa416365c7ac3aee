"""How a pupil's month stands, as data and as one sentence in each language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from services.payments.ledger.domain import Line, PupilMonth
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
    """What one type of support uses of the month."""

    model_config = ConfigDict(frozen=True)

    support_type: str
    ordered_cents: int
    reserved_cents: int


class MonthExplained(BaseModel):
    """A pupil's month: the ceiling, what is spoken for by which type, what is left.

    `room_left_cents` is not ordered yet (reservations included), `free_cents` neither ordered
    nor reserved.
    """

    model_config = ConfigDict(frozen=True)

    pupil_ref: str
    month: str
    cap_cents: int
    ordered_cents: int
    reserved_cents: int
    room_left_cents: int
    free_cents: int
    lines: tuple[UsedLine, ...]
    sentence_lv: str
    sentence_en: str


def explain(month: PupilMonth, lines: Sequence[Line]) -> MonthExplained:
    """The explanation of a month by its lines; lines outside the ceiling do not count."""
    used = _by_type(line for line in lines if line.under_ceiling)
    number = int(month.month[5:]) - 1
    return MonthExplained(
        pupil_ref=month.pupil_ref,
        month=month.month,
        cap_cents=month.cap,
        ordered_cents=month.ordered,
        reserved_cents=month.reserved,
        room_left_cents=month.room,
        free_cents=month.free,
        lines=used,
        sentence_en=_sentence(
            f"of {euro(month.cap)} EUR in {_MONTHS_EN[number]}",
            [f"{euro(u.ordered_cents)} used by {_en(u)}" for u in used if u.ordered_cents],
            [f"{euro(u.reserved_cents)} reserved for {_en(u)}" for u in used if u.reserved_cents],
            f"{euro(month.free)} left",
        ),
        sentence_lv=_sentence(
            f"no {_comma(month.cap)} EUR {_MONTHS_LV[number]}",
            [f"{_comma(u.ordered_cents)} izlietoti {_lv(u)}" for u in used if u.ordered_cents],
            [f"{_comma(u.reserved_cents)} rezervēti {_lv(u)}" for u in used if u.reserved_cents],
            f"{_comma(month.free)} atlicis",
        ),
    )


def _by_type(lines: Iterable[Line]) -> tuple[UsedLine, ...]:
    """Sums of each type, biggest use first."""
    sums: dict[str, tuple[int, int]] = {}
    for line in lines:
        ordered, reserved = sums.get(line.support_type, (0, 0))
        sums[line.support_type] = ordered + line.ordered, reserved + line.reserved
    used = [
        UsedLine(support_type=kind, ordered_cents=ordered, reserved_cents=reserved)
        for kind, (ordered, reserved) in sums.items()
        if ordered or reserved
    ]
    return tuple(sorted(used, key=lambda u: (-u.ordered_cents, -u.reserved_cents, u.support_type)))


def _sentence(start: str, used: list[str], reserved: list[str], left: str) -> str:
    """One sentence: what of the month, used, reserved, left."""
    return f"{start} {', '.join([*used, *reserved, left])}"


def _comma(cents: int) -> str:
    """Euros as they are written in Latvian."""
    return euro(cents).replace(".", ",")


def _en(used: UsedLine) -> str:
    """The English name of a type."""
    return NAMES[used.support_type].en


def _lv(used: UsedLine) -> str:
    """The Latvian name of a type."""
    return NAMES[used.support_type].lv
