"""What is done with a call: make, publish, prolong, close, open the discussion, cancel."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, call_rows, domain, move_rows
from services.ngo_grants.application_rules import State
from services.ngo_grants.commands import Cancellation, NewCall, Prolongation
from services.ngo_grants.domain import Call, CallState
from services.ngo_grants.rules import NAMES, Rules, rules_of
from services.ngo_grants.vocabulary import CALL_REASONS
from shared.auth import STATE, Person, Role
from shared.bus.outbox import publish
from shared.calendar import TIMEZONE
from shared.contracts.ngo_grants import CallCancelled, CallClosed, CallOpened, CallProlonged
from shared.errors import Invalid, Refused
from shared.parameters import ParameterMissing, values
from shared.registration_number import check_registration_number

PROGRAMME_END = "project_end"
LIVING = (
    State.DRAFT,
    State.SUBMITTED,
    State.ADMISSIBLE,
    State.CLARIFICATION,
    State.SCORED,
)


class ParametersContradict(Refused):
    """The parameters in force contradict each other; the state's officers have to correct them."""

    code = "parameters-contradict"


class UnknownReason(Invalid):
    """The reason is not in its code list."""

    code = "unknown-reason"


def day_of(now: datetime) -> date:
    """The day in Riga."""
    return now.astimezone(TIMEZONE).date()


def organiser(by: Person, municipality_id: str) -> None:
    """Refuse whoever does not organise calls of the municipality."""
    by.must({Role.CALL_ORGANISER}, municipality_id)


async def create_call(session: AsyncSession, new: NewCall, *, by: Person, now: datetime) -> Call:
    """Make a draft of a call under the parameters in force on its first day."""
    organiser(by, new.municipality_id)
    check_registration_number(new.municipality_id, field="municipality_id")
    rules = await _rules_on(session, new.opens_on, new.municipality_id)
    closes_on = domain.last_day(new.opens_on, new.closes_on, rules)
    domain.check_quota(new.quota, new.eligible_pupils, rules)
    domain.check_before_end(closes_on, rules, field="closes_on")
    year = new.opens_on.year
    number = await call_rows.next_number(session, new.municipality_id, year)
    call = Call(
        call_id=domain.call_id_of(new.municipality_id, year, number),
        municipality_id=new.municipality_id,
        year=year,
        state=CallState.DRAFT,
        quota=new.quota,
        eligible_pupils=new.eligible_pupils,
        opens_on=new.opens_on,
        closes_on=closes_on,
        nolikum_version=new.nolikum_version,
        rules=rules,
        version=1,
        created_by=by.subject,
    )
    await call_rows.add(session, call, now=now)
    return call


async def _rules_on(session: AsyncSession, day: date, municipality_id: str) -> Rules:
    """The rules from the parameters in force: the municipality's own where there are some."""
    found: dict[str, dict[str, Any]] = {}
    for value in await values(session, on=day):
        found.setdefault(value.name, {})[value.place] = value.value
    chosen: Mapping[str, Any] = {
        name: places[municipality_id] if municipality_id in places else places[STATE]
        for name, places in found.items()
        if municipality_id in places or STATE in places
    }
    lacking = [name for name in NAMES if name not in chosen]
    if lacking:
        raise ParameterMissing(name=lacking[0], day=day.isoformat())
    end = chosen.get(PROGRAMME_END)
    try:
        return rules_of(chosen, programme_end=date.fromisoformat(end) if end else None)
    except (ValueError, KeyError, TypeError) as error:
        raise ParametersContradict(why=str(error)[:300]) from error


async def publish_call(session: AsyncSession, call_id: str, *, by: Person, now: datetime) -> Call:
    """Announce a call; from now on it changes only with a reason."""
    call = await call_rows.locked(session, call_id)
    organiser(by, call.municipality_id)
    domain.check_publication(call, day_of(now))
    opened = replace(call, state=CallState.PUBLISHED, published_at=now)
    opened = await call_rows.change(session, opened, "published", by=by.subject, now=now)
    fact = CallOpened(
        **_about(opened),
        opens_on=opened.opens_on,
        closes_on=opened.closes_on,
        quota=opened.quota,
    )
    await publish(session, [fact], at=now)
    return opened


async def prolong_call(
    session: AsyncSession, call_id: str, asked: Prolongation, *, by: Person, now: datetime
) -> Call:
    """Move the last day of a published call to a later one, with a reason."""
    call = await call_rows.locked(session, call_id)
    organiser(by, call.municipality_id)
    _check_reason(asked.reason_code)
    domain.check_prolongation(call, asked.closes_on, day_of(now))
    longer = await call_rows.change(
        session,
        replace(call, closes_on=asked.closes_on),
        "prolonged",
        by=by.subject,
        now=now,
        reason_code=asked.reason_code,
        reason=asked.reason,
    )
    fact = CallProlonged(
        **_about(longer), closes_on=longer.closes_on, reason_code=asked.reason_code
    )
    await publish(session, [fact], at=now)
    return longer


async def close_call(session: AsyncSession, call_id: str, *, by: Person, now: datetime) -> Call:
    """End the window: what was filed takes part, drafts lapse."""
    call = await call_rows.locked(session, call_id)
    organiser(by, call.municipality_id)
    domain.check_closing(call, day_of(now))
    waiting = await application_rows.of_call(
        session, call_id, (State.DRAFT, State.SUBMITTED), lock=True
    )
    filed = [a for a in waiting if a.state is State.SUBMITTED]
    moves: list[move_rows.Move] = [(a, State.ADMISSIBLE, None) for a in filed]
    moves += [(a, State.LAPSED, "not filed in time") for a in waiting if a.state is State.DRAFT]
    await move_rows.move(session, moves, by=by.subject, now=now)
    closed = replace(call, state=CallState.CLOSED, closed_on=day_of(now))
    closed = await call_rows.change(session, closed, "closed", by=by.subject, now=now)
    fact = CallClosed(**_about(closed), closed_on=day_of(now), applications=len(filed))
    await publish(session, [fact], at=now)
    return closed


async def open_discussion(
    session: AsyncSession, call_id: str, *, by: Person, now: datetime
) -> Call:
    """Let the members see each other's marks and talk; marks may still be corrected."""
    call = await call_rows.locked(session, call_id)
    organiser(by, call.municipality_id)
    domain.check_call_move(call, CallState.DISCUSSION)
    opened = replace(call, state=CallState.DISCUSSION)
    return await call_rows.change(session, opened, "discussion", by=by.subject, now=now)


async def cancel_call(
    session: AsyncSession, call_id: str, asked: Cancellation, *, by: Person, now: datetime
) -> Call:
    """Give up a call with a reason; its applications lapse."""
    call = await call_rows.locked(session, call_id)
    organiser(by, call.municipality_id)
    _check_reason(asked.reason_code)
    domain.check_call_move(call, CallState.CANCELLED)
    living = await application_rows.of_call(session, call_id, LIVING, lock=True)
    lapsed: list[move_rows.Move] = [(a, State.LAPSED, asked.reason) for a in living]
    await move_rows.move(session, lapsed, by=by.subject, now=now)
    cancelled = await call_rows.change(
        session,
        replace(call, state=CallState.CANCELLED),
        "cancelled",
        by=by.subject,
        now=now,
        reason_code=asked.reason_code,
        reason=asked.reason,
    )
    if call.state is not CallState.DRAFT:
        fact = CallCancelled(**_about(cancelled), reason_code=asked.reason_code)
        await publish(session, [fact], at=now)
    return cancelled


def _check_reason(code: str) -> None:
    """Refuse a reason nobody knows."""
    if code not in {word.code for word in CALL_REASONS}:
        raise UnknownReason(field="reason_code")


def _about(call: Call) -> dict[str, Any]:
    """What every fact about a call carries."""
    return {
        "project_key": call.call_id,
        "call_id": call.call_id,
        "partner": call.municipality_id,
        "municipality_id": call.municipality_id,
        "version": call.version,
    }
