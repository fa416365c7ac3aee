"""How a bulk door works: read lines, let the action answer each, keep the answer, give it."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from services.identification.entries import Entry
from services.identification.imports import Import, ImportAnswer, run_import
from shared.auth import Person
from shared.bulk import BulkStopped, LineAnswer, OnError, read_lines, settle
from shared.problems import PROBLEM_JSON, Problem
from shared.web import Command

E = TypeVar("E", bound=Entry)
L = TypeVar("L", bound=Entry, contravariant=True)


class Action(Protocol[L]):
    """An action that answers each line."""

    def __call__(
        self, session: AsyncSession, lines: Sequence[tuple[int, L]], *, by: Person, now: datetime
    ) -> Awaitable[list[LineAnswer]]:
        """Answer each line; a refusal of one is no refusal of the others."""


class StoppedImport(Problem):
    """An import of which nothing was kept but the record of the run."""

    import_id: str
    accepted: int
    refused: int
    lines: list[LineAnswer]
    kept: bool = False


async def carry_out(
    request: Request, order: Command, model: type[E], action: Action[E], on_error: OnError
) -> Response:
    """A bulk command from body to answer."""
    lines, unreadable = await read_lines(request, model)
    answers = await action(order.session, lines, by=order.person, now=order.now) if lines else []
    return await order.answer(settle([*unreadable, *answers], on_error))


async def carry_out_import(
    request: Request,
    order: Command,
    model: type[E],
    action: Import[E],
    *,
    kind: str,
    on_error: OnError,
) -> Response:
    """A bulk command that leaves a record of its run, also where nothing else was kept."""
    lines, unreadable = await read_lines(request, model)
    answer = await run_import(
        order.session,
        lines,
        unreadable,
        action,
        kind=kind,
        key=order.key,
        on_error=on_error,
        by=order.person,
        now=order.now,
    )
    if answer.kept:
        return await order.answer(answer)
    stopped = await order.answer(_stopped(answer), status=BulkStopped.status)
    stopped.headers["content-type"] = PROBLEM_JSON
    return stopped


def _stopped(answer: ImportAnswer) -> StoppedImport:
    """The refusal of the whole, with the answers of all lines."""
    return StoppedImport(
        type=f"urn:pumpurs:problem:{BulkStopped.code}",
        title=BulkStopped.code.replace("-", " "),
        status=BulkStopped.status,
        code=BulkStopped.code,
        detail=(BulkStopped.__doc__ or "").strip(),
        **answer.model_dump(),
    )
