"""Parameters: every number and rule of the programme is data with a place, dates and an approver.

A service seeds the parameters it owns when it migrates and changes them through `PUT /parameters`;
what identification owns is told on the registers' topic and lies in the same table everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import Connection, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared.auth import STATE, Role
from shared.bus.outbox import publish
from shared.contracts.base import Day
from shared.contracts.identification import ParameterSet
from shared.errors import NotFound, Refused
from shared.parameter_forms import check_value
from shared.registers import TABLES
from shared.web import Command, Query, command, query

PARAMETERS = TABLES.parameters
OUR_RULE = "our rule"


class ParameterMissing(NotFound):
    """No value of this parameter is in force there on that day."""

    code = "parameter-missing"


class UnknownParameter(NotFound):
    """This service owns no such parameter."""

    code = "unknown-parameter"


class OverlappingParameter(Refused):
    """Another value of this parameter is in force in a part of that time; close it first."""

    code = "parameter-overlaps"


@dataclass(frozen=True)
class ParameterSpec:
    """A parameter a service owns: its name, what it means, and the value it starts with.

    Where `one_of` names values or `form` a type, no other can be set: what is not known is never
    guessed.
    """

    name: str
    value: JsonValue
    source: str
    about: str
    valid_from: date | None = None
    valid_to: date | None = None
    place: str = STATE
    one_of: tuple[JsonValue, ...] = ()
    form: Any = None


class Value(BaseModel):
    """One value of a parameter at a place, with its validity, source and approver."""

    model_config = ConfigDict(frozen=True)

    name: str
    place: str
    value: JsonValue
    text_received: str | None
    valid_from: date | None
    valid_to: date | None
    source: str
    approved_by: str
    owner: str
    version: int


class Values(BaseModel):
    """The values that were asked for, oldest first."""

    parameters: list[Value]


class NewValue(BaseModel):
    """A value to set from a day on; strings lose surplus white space, the text received is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    place: str = Field(default=STATE, max_length=80)
    value: JsonValue
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: str = Field(min_length=3, max_length=300)


async def values(
    session: AsyncSession,
    *,
    name: str | None = None,
    place: str | None = None,
    on: date | None = None,
) -> list[Value]:
    """Values by name, place and day, whichever are given."""
    asked = select(PARAMETERS).order_by(
        PARAMETERS.c.name, PARAMETERS.c.place, PARAMETERS.c.valid_from
    )
    if name is not None:
        asked = asked.where(PARAMETERS.c.name == name)
    if place is not None:
        asked = asked.where(PARAMETERS.c.place == place)
    if on is not None:
        asked = asked.where(PARAMETERS.c.valid_from <= on).where(
            or_(PARAMETERS.c.valid_to.is_(None), PARAMETERS.c.valid_to >= on)
        )
    rows = (await session.execute(asked)).mappings()
    return [Value(**{**row, "valid_from": _open(row["valid_from"])}) for row in rows]


def _open(day: date) -> date | None:
    """The first of all days stands for *always*."""
    return None if day == date.min else day


async def value_on(session: AsyncSession, name: str, day: date, *places: str) -> Any:
    """The value in force on a day; of several places the first named that has one.

    Without places the state's. Raises ParameterMissing.
    """
    found = {v.place: v.value for v in await values(session, name=name, on=day)}
    for place in (*places, STATE):
        if place in found:
            return found[place]
    raise ParameterMissing(name=name, day=day.isoformat(), places=list(places))


async def values_on(session: AsyncSession, names: Sequence[str], day: date) -> Mapping[str, Any]:
    """Several of the state's parameters on a day by one statement; raises ParameterMissing."""
    rows = await session.execute(
        select(PARAMETERS.c.name, PARAMETERS.c.value)
        .where(PARAMETERS.c.name.in_(names), PARAMETERS.c.place == STATE)
        .where(PARAMETERS.c.valid_from <= day)
        .where(or_(PARAMETERS.c.valid_to.is_(None), PARAMETERS.c.valid_to >= day))
        .order_by(PARAMETERS.c.valid_from)
    )
    found: dict[str, Any] = {row.name: row.value for row in rows}
    for name in names:
        if name not in found:
            raise ParameterMissing(name=name, day=day.isoformat())
    return found


def seed(connection: Connection, specs: Sequence[ParameterSpec], *, owner: str) -> None:
    """Write the values a service starts with, where it has none of them yet."""
    rows = [
        {
            "name": spec.name,
            "place": spec.place,
            "valid_from": spec.valid_from or date.min,
            "valid_to": spec.valid_to,
            "value": spec.value,
            "source": spec.source,
            "approved_by": "seed",
            "owner": owner,
            "version": 1,
        }
        for spec in specs
    ]
    if rows:
        connection.execute(insert(PARAMETERS).on_conflict_do_nothing(), rows)


async def set_value(
    session: AsyncSession, new: NewValue, *, owner: str, by: str, now: datetime
) -> Value:
    """Set a value: the same start replaces it, an open one before it ends the day before.

    Returns the value as kept; raises OverlappingParameter where it would meet a later one.
    """
    before = await values(session, name=new.name, place=new.place)
    start = new.valid_from or date.min
    for value in before:
        begins = value.valid_from or date.min
        if begins > start and (new.valid_to is None or new.valid_to >= begins):
            raise OverlappingParameter(name=new.name, place=new.place, begins=begins.isoformat())
    version = 1 + max((value.version for value in before), default=0)
    row = _row(new, start=start, owner=owner, by=by, version=version)
    ended = await _end_before(session, new, start)
    stmt = insert(PARAMETERS)
    await session.execute(
        stmt.on_conflict_do_update(
            index_elements=["name", "place", "valid_from"],
            set_={key: stmt.excluded[key] for key in row},
        ),
        [row],
    )
    kept = Value(**{**row, "valid_from": _open(start)})
    if owner == "identification":
        await publish(session, [*map(_told, ended), _told(kept)], at=now)
    return kept


async def _end_before(session: AsyncSession, new: NewValue, start: date) -> list[Value]:
    """End what is in force when the new value begins, the day before; gives what was ended."""
    ended = await session.execute(
        PARAMETERS.update()
        .where(PARAMETERS.c.name == new.name, PARAMETERS.c.place == new.place)
        .where(PARAMETERS.c.valid_from < start)
        .where(or_(PARAMETERS.c.valid_to.is_(None), PARAMETERS.c.valid_to >= start))
        .values(
            valid_to=date.fromordinal(max(start.toordinal() - 1, 1)),
            version=PARAMETERS.c.version + 1,
        )
        .returning(*PARAMETERS.c)
    )
    return [Value(**{**row, "valid_from": _open(row["valid_from"])}) for row in ended.mappings()]


def _row(new: NewValue, *, start: date, owner: str, by: str, version: int) -> dict[str, Any]:
    """The table's row of a new value."""
    text = new.value if isinstance(new.value, str) else None
    value = "".join(text.split()) if text and new.name.endswith("_number") else new.value
    return {
        "name": new.name,
        "place": new.place,
        "valid_from": start,
        "valid_to": new.valid_to,
        "value": value,
        "text_received": text,
        "source": new.source,
        "approved_by": by,
        "owner": owner,
        "version": version,
    }


def _told(value: Value) -> ParameterSet:
    """The fact that a programme parameter has this value."""
    start = value.valid_from.isoformat() if value.valid_from else "always"
    return ParameterSet(
        register_key=f"parameter:{value.name}:{value.place}:{start}",
        version=value.version,
        name=value.name,
        place=value.place,
        value=value.value,
        valid_from=value.valid_from,
        valid_to=value.valid_to,
        source=value.source,
        approved_by=value.approved_by,
    )


def router(specs: Sequence[ParameterSpec], *, owner: str) -> APIRouter:
    """The doors `GET` and `PUT /parameters` of a service that owns these parameters."""
    doors = APIRouter(tags=["parameters"])
    owned = {spec.name: spec for spec in specs}

    @doors.get("/parameters")
    async def list_parameters(
        asked: Annotated[Query, query()],
        name: Annotated[str | None, Asked()] = None,
        place: Annotated[str | None, Asked()] = None,
        on: Annotated[date | None, Asked()] = None,
    ) -> Values:
        """Values with their validity, source and approver."""
        return Values(parameters=await values(asked.session, name=name, place=place, on=on))

    @doors.put("/parameters")
    async def put_parameter(
        new: NewValue, order: Annotated[Command, command(Role.STATE_OFFICER)]
    ) -> Response:
        """Set a value from a day on; only the state's officers may, and they are written down."""
        order.person.must({Role.STATE_OFFICER}, STATE)
        if new.name not in owned:
            raise UnknownParameter(name=new.name, owned=sorted(owned))
        check_value(new.value, one_of=owned[new.name].one_of, form=owned[new.name].form)
        kept = await set_value(
            order.session, new, owner=owner, by=order.person.subject, now=order.now
        )
        return await order.answer(kept)

    return doors
