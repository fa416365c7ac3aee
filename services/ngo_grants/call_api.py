"""Doors to calls: make, publish, prolong, close, discuss, cancel; list, deadlines, free places."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel, JsonValue
from starlette.responses import Response

from services.ngo_grants import call_rows, calls, decision_rows
from services.ngo_grants.commands import Cancellation, NewCall, Prolongation
from services.ngo_grants.domain import Call, CallState
from services.ngo_grants.reading import oversees, visible_call
from shared.auth import STATE, Role
from shared.web import Command, Query, command, query

router = APIRouter(tags=["calls"])
CALLS_MAX = 1_000
PUBLIC = (CallState.PUBLISHED, CallState.CLOSED, CallState.DISCUSSION, CallState.DECIDED)
WAITING = (CallState.PUBLISHED, CallState.CLOSED, CallState.DISCUSSION)


class CallView(BaseModel):
    """A call with its window, quota, deadline and the rules it was announced with."""

    call_id: str
    municipality_id: str
    year: int
    state: CallState
    quota: int
    eligible_pupils: int | None
    opens_on: date
    closes_on: date
    takes_applications: bool
    decide_by: date
    days_until_decision: int
    overdue: bool
    nolikum_version: str
    grant_cents: int
    rules: dict[str, JsonValue]
    published_at: datetime | None
    closed_on: date | None
    decided_at: datetime | None
    version: int

    @classmethod
    def of(cls, call: Call, day: date) -> "CallView":
        """A call as it stands on a day."""
        return cls(
            **{name: getattr(call, name) for name in Call.__slots__ if name in cls.model_fields}
            | {"rules": call.rules.model_dump(mode="json")},
            takes_applications=call.takes_on(day),
            decide_by=call.decide_by,
            days_until_decision=(call.decide_by - day).days,
            overdue=call.is_overdue(day),
            grant_cents=call.rules.grant_cents,
        )


class CallList(BaseModel):
    """Calls, newest first."""

    calls: list[CallView]


class HistoryLine(BaseModel):
    """One change of a call: what, by whom, why."""

    version: int
    what: str
    by: str
    at: datetime
    reason_code: str | None
    reason: str | None


class CallHistory(BaseModel):
    """All changes of a call, in order."""

    history: list[HistoryLine]


class Places(BaseModel):
    """Places of one call: the quota, how many are taken, how many nobody will use."""

    call_id: str
    municipality_id: str
    decided: bool
    quota: int
    approved: int
    reserve: int
    unused: int


class FreePlaces(BaseModel):
    """Places of a year's calls, so that the state can offer unused ones elsewhere in time."""

    year: int
    quota: int
    approved: int
    unused: int
    calls: list[Places]


@router.post("/calls", status_code=201)
async def create(new: NewCall, order: Annotated[Command, command(Role.CALL_ORGANISER)]) -> Response:
    """Make a draft of a call."""
    call = await calls.create_call(order.session, new, by=order.person, now=order.now)
    return await order.answer(CallView.of(call, order.today), status=201)


@router.post("/calls/{call_id}/publication")
async def publish(
    call_id: str, order: Annotated[Command, command(Role.CALL_ORGANISER)]
) -> Response:
    """Announce it."""
    call = await calls.publish_call(order.session, call_id, by=order.person, now=order.now)
    return await order.answer(CallView.of(call, order.today))


@router.post("/calls/{call_id}/prolongation")
async def prolong(
    call_id: str, asked: Prolongation, order: Annotated[Command, command(Role.CALL_ORGANISER)]
) -> Response:
    """Give it a later last day, with a reason."""
    call = await calls.prolong_call(order.session, call_id, asked, by=order.person, now=order.now)
    return await order.answer(CallView.of(call, order.today))


@router.post("/calls/{call_id}/closing")
async def close(call_id: str, order: Annotated[Command, command(Role.CALL_ORGANISER)]) -> Response:
    """End the window."""
    call = await calls.close_call(order.session, call_id, by=order.person, now=order.now)
    return await order.answer(CallView.of(call, order.today))


@router.post("/calls/{call_id}/discussion")
async def discuss(
    call_id: str, order: Annotated[Command, command(Role.CALL_ORGANISER)]
) -> Response:
    """Let members see each other's marks."""
    call = await calls.open_discussion(order.session, call_id, by=order.person, now=order.now)
    return await order.answer(CallView.of(call, order.today))


@router.post("/calls/{call_id}/cancellation")
async def cancel(
    call_id: str, asked: Cancellation, order: Annotated[Command, command(Role.CALL_ORGANISER)]
) -> Response:
    """Give it up, with a reason."""
    call = await calls.cancel_call(order.session, call_id, asked, by=order.person, now=order.now)
    return await order.answer(CallView.of(call, order.today))


@router.get("/calls")
async def list_calls(
    asked: Annotated[Query, query()],
    municipality_id: Annotated[str | None, Asked()] = None,
    year: Annotated[int | None, Asked()] = None,
) -> CallList:
    """Announced calls; organisers see their drafts, too."""
    found = await call_rows.listed(
        asked.session, municipality_id=municipality_id, year=year, limit=CALLS_MAX
    )
    own = asked.person.organisations(Role.CALL_ORGANISER)
    every = oversees(asked.person)
    seen = [c for c in found if c.state in PUBLIC or c.municipality_id in own or every]
    return CallList(calls=[CallView.of(call, asked.today) for call in seen])


@router.get("/calls/{call_id}")
async def read(call_id: str, asked: Annotated[Query, query()]) -> CallView:
    """One call."""
    return CallView.of(await visible_call(asked.session, call_id, asked.person), asked.today)


@router.get("/calls/{call_id}/history")
async def history(
    call_id: str,
    asked: Annotated[Query, query(Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)],
) -> CallHistory:
    """Who changed what, and why."""
    call = await visible_call(asked.session, call_id, asked.person)
    if not oversees(asked.person):
        asked.person.must({Role.CALL_ORGANISER}, call.municipality_id)
    rows = await call_rows.history(asked.session, call_id)
    return CallHistory(history=[HistoryLine.model_validate(dict(row)) for row in rows])


@router.get("/deadlines")
async def deadlines(
    asked: Annotated[Query, query(Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)],
    only_overdue: Annotated[bool, Asked()] = False,
) -> CallList:
    """Calls that wait for their decision, those with the least time left first."""
    found = await call_rows.listed(asked.session, states=WAITING, limit=CALLS_MAX)
    own = asked.person.organisations(Role.CALL_ORGANISER)
    seen = [c for c in found if oversees(asked.person) or c.municipality_id in own]
    seen = [c for c in seen if c.is_overdue(asked.today) or not only_overdue]
    seen.sort(key=lambda call: (call.decide_by, call.call_id))
    return CallList(calls=[CallView.of(call, asked.today) for call in seen])


@router.get("/free-places")
async def free_places(
    year: int, asked: Annotated[Query, query(Role.STATE_OFFICER, Role.AUDITOR)]
) -> FreePlaces:
    """Places of the year's calls that nobody uses, by municipality."""
    asked.person.must({Role.STATE_OFFICER, Role.AUDITOR}, STATE)
    found = await call_rows.listed(asked.session, year=year, states=PUBLIC, limit=CALLS_MAX)
    taken = await decision_rows.counts(asked.session, [call.call_id for call in found])
    rows = [_places(call, taken.get(call.call_id)) for call in found]
    rows.sort(key=lambda row: (-row.unused, row.call_id))
    return FreePlaces(
        year=year,
        quota=sum(row.quota for row in rows),
        approved=sum(row.approved for row in rows),
        unused=sum(row.unused for row in rows),
        calls=rows,
    )


def _places(call: Call, taken: tuple[int, int] | None) -> Places:
    """The places of one call; before its decision none is unused."""
    approved, reserve = taken or (0, 0)
    return Places(
        call_id=call.call_id,
        municipality_id=call.municipality_id,
        decided=taken is not None,
        quota=call.quota,
        approved=approved,
        reserve=reserve,
        unused=call.quota - approved if taken is not None else 0,
    )
