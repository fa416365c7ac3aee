"""How every bulk command of plans is answered: lines in, an action, one answer a line out."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from services.plans.actions import Lines, Outcome
from shared import bulk
from shared.bulk import LineAnswer, OnError
from shared.web import Command

F = TypeVar("F", bound=BaseModel)
LINES_MAX = 2_000


def lines_of(form: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says about the body of a bulk command."""
    return bulk.lines_schema(form, lines_max=LINES_MAX)


async def answer(
    request: Request,
    order: Command,
    form: type[F],
    action: Callable[..., Awaitable[list[Outcome]]],
    on_error: OnError,
) -> Response:
    """Read the lines, let the action decide, answer each; `stop` keeps nothing on a bad line."""
    lines, bad = await bulk.read_lines(request, form, lines_max=LINES_MAX)
    outcomes = await _decided(action, order.session, lines, order)
    settled = bulk.settle([*bad, *_answers(outcomes)], on_error)
    return await order.answer(settled)


async def _decided(
    action: Callable[..., Awaitable[list[Outcome]]],
    session: AsyncSession,
    lines: Lines[F],
    order: Command,
) -> list[Outcome]:
    """What the action says of the readable lines."""
    if not lines:
        return []
    now: datetime = order.now
    return await action(session, lines, by=order.person, now=now)


def _answers(outcomes: Iterable[Outcome]) -> list[LineAnswer]:
    """Outcomes as the answers of lines."""
    return [
        bulk.refused(one.line, one.refusal)
        if one.refusal is not None
        else bulk.accepted(one.line, one.id, **one.details)
        for one in outcomes
    ]
