"""How much of a claim fits: under the pupil's ceiling, and into the partner's allocation. Pure."""

from collections.abc import Callable, Mapping
from datetime import date

from pydantic import JsonValue

from services.payments.allocations.domain import NOT_SET, USED_UP, AllocationKey
from services.payments.ledger.domain import Ledger, Line, LineKey, Place, Room
from services.payments.ledger.explanation import explain
from services.payments.ledger.months import ROOM_AWAITED, ROOM_HANDED_OVER
from services.payments.refusals import LineRefused
from services.payments.rulebook import CUT, PARTIAL_PAYMENT, Rulebook
from shared.money import euro

OF_ALLOCATION = frozenset({USED_UP, NOT_SET})
_LIMITS = {USED_UP: "allocation", NOT_SET: "allocation", ROOM_HANDED_OVER: "room"}


def fitting(
    ledger: Ledger,
    line: Line,
    asked: int,
    *,
    rules: Rulebook,
    today: date,
    place_of: Callable[[str], Place],
) -> tuple[int, LineRefused | None]:
    """The cents that can be ordered, and the refusal of the rest; raises it where nothing fits.

    `place_of` says of each plan of the ledger where it is; it is asked only where something is cut.
    """
    room = ledger.room(line, asked)
    if room.cents == asked:
        return asked, None
    of_allocation = room.reason in OF_ALLOCATION
    limit = _LIMITS.get(room.reason or "", "ceiling")
    stands = (
        _allocation(ledger, line, asked, room) if of_allocation else _month(ledger, line, place_of)
    )
    if room.reason == ROOM_AWAITED:
        # Nothing is cut to what is here by chance: the paper could not be claimed a second time.
        raise LineRefused(ROOM_AWAITED, available_eur=euro(room.cents), **stands)
    if room.cents == 0:
        code = room.reason if room.reason in _LIMITS else _full(ledger, line)
        raise LineRefused(code, **stands)
    if rules.value(PARTIAL_PAYMENT, today) != CUT:
        raise LineRefused(f"{limit}-too-small", available_eur=euro(room.cents), **stands)
    rest = asked - room.cents
    cut = LineRefused(f"{limit}-cut", cut_eur=euro(rest), cut_cents=rest, **stands)
    return room.cents, cut


def both(one: LineRefused | None, other: LineRefused | None) -> LineRefused | None:
    """What cut a claim, where its days and its sum may each have cut it: the later says both."""
    if one is None or other is None:
        return one or other
    return LineRefused(other.code, **{**one.details, **other.details})


def wanting_more(ledger: Ledger, wanted: Mapping[LineKey, int]) -> set[AllocationKey]:
    """The allocations to be held: of lines that want more than was reserved for them."""
    return {
        ledger.draws_on[key[0]]
        for key, cents in wanted.items()
        if key not in ledger.lines or cents > ledger.lines[key].reserved
    }


def _full(ledger: Ledger, line: Line) -> str:
    """Whether a month is ordered to the last cent, or what is left is promised to others."""
    month = ledger.months[line.pupil_ref, line.month]
    return "ceiling-used-up" if month.room == 0 else "ceiling-reserved"


def _month(ledger: Ledger, line: Line, place_of: Callable[[str], Place]) -> dict[str, JsonValue]:
    """How the month stood when the claim came: which lines use the ceiling, and where."""
    month = ledger.months[line.pupil_ref, line.month]
    lines = ledger.lines_of_month(line.pupil_ref, line.month)
    places = {one.plan_id: place_of(one.plan_id) for one in lines}
    return {
        "cap_eur": euro(month.cap),
        "room_left_cents": month.room,
        "free_cents": month.free,
        "explanation": explain(month, lines, places).model_dump(mode="json"),
    }


def _allocation(ledger: Ledger, line: Line, asked: int, room: Room) -> dict[str, JsonValue]:
    """How the partner's allocation stood when the claim came, and what was missing."""
    partner, semester = key = ledger.draws_on[line.plan_id]
    allocation = ledger.held[key]
    return {
        "partner": partner,
        "semester": semester,
        "allocated_cents": allocation.allocated,
        "spoken_for_cents": allocation.spoken_for,
        "missing_cents": asked - room.cents,
        "missing_eur": euro(asked - room.cents),
    }
