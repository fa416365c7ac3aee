"""Import runs: what came in, what was kept, what was refused and why, whoever asks later."""

from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification.domain import made_id
from services.identification.store import IMPORTS, Row, add, rows_of
from shared.auth import Person
from shared.bulk import BulkAnswer, LineAnswer, OnError
from shared.errors import NotFound

E = TypeVar("E", contravariant=True)
REFUSALS_KEPT_MAX = 20_000


class Import(Protocol[E]):
    """An action that keeps the lines of an import and answers each."""

    def __call__(
        self,
        session: AsyncSession,
        lines: Sequence[tuple[int, E]],
        import_id: str,
        *,
        by: Person,
        now: datetime,
    ) -> Awaitable[list[LineAnswer]]:
        """Keep what can be kept; a refusal of one line is no refusal of the others."""


class UnknownImport(NotFound):
    """There is no import of this id."""

    code = "unknown-import"


class ImportAnswer(BulkAnswer):
    """What became of all lines; `kept` is false where a bad line stopped the whole."""

    import_id: str
    kept: bool = True


class _Stopped(Exception):
    """Takes back what the lines did, not the record of the run."""


async def run_import(
    session: AsyncSession,
    lines: Sequence[tuple[int, E]],
    unreadable: Iterable[LineAnswer],
    action: Import[E],
    *,
    kind: str,
    key: str,
    on_error: OnError,
    by: Person,
    now: datetime,
) -> ImportAnswer:
    """Keep lines as the action does, and the record of the run in any case.

    Where a line is refused and the caller asked to stop, nothing but the record is kept.
    """
    import_id = made_id("import", by.subject, key)
    answer = BulkAnswer(accepted=0, refused=0, lines=[])
    kept = True
    try:
        async with session.begin_nested():
            kept_lines = await action(session, lines, import_id, by=by, now=now) if lines else []
            answer = BulkAnswer.of([*unreadable, *kept_lines])
            if answer.refused and on_error is OnError.STOP:
                raise _Stopped
    except _Stopped:
        kept = False
    await add(session, IMPORTS, [_record(import_id, kind, answer, kept=kept, by=by, now=now)])
    return ImportAnswer(**dict(answer), import_id=import_id, kept=kept)


def _record(
    import_id: str, kind: str, answer: BulkAnswer, *, kept: bool, by: Person, now: datetime
) -> Row:
    """The run as a row; a line is told by number, code and field, never by its content."""
    details = [(line, line.details or {}) for line in answer.lines]
    return {
        "import_id": import_id,
        "kind": kind,
        "imported_by": by.subject,
        "imported_at": now,
        "rows_in": len(answer.lines),
        "accepted": answer.accepted,
        "changed": sum(bool(more.get("changed")) for _, more in details) if kept else 0,
        "refused": answer.refused,
        "kept": kept,
        "schools": sorted({str(more["school_id"]) for _, more in details if "school_id" in more}),
        "refusals": [
            {"line": line.line, "code": line.code, "field": line.field, "reason": line.message}
            for line in answer.lines
            if line.status == "refused"
        ][:REFUSALS_KEPT_MAX],
        "warnings": [
            {"line": line.line, "warnings": more["warnings"]}
            for line, more in details
            if more.get("warnings")
        ][:REFUSALS_KEPT_MAX],
    }


async def import_of(session: AsyncSession, import_id: str) -> Row:
    """The record of one run; raises UnknownImport."""
    rows = await rows_of(session, IMPORTS.c.import_id, [import_id])
    if not rows:
        raise UnknownImport(import_id=import_id)
    return rows[0]


async def imports_by(session: AsyncSession, *, subject: str | None, limit: int) -> list[Row]:
    """The latest runs, of one person or of everybody, without their lines."""
    columns = [column for column in IMPORTS.c if column.name not in ("refusals", "warnings")]
    asked = select(*columns).order_by(IMPORTS.c.imported_at.desc(), IMPORTS.c.import_id)
    if subject is not None:
        asked = asked.where(IMPORTS.c.imported_by == subject)
    return [dict(row) for row in (await session.execute(asked.limit(limit))).mappings()]
