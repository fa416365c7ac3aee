"""Tables of places, people and imports, and the questions asked of every table.

Who somebody is lies sealed; what is told to others lies open.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    any_,
    bindparam,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification.domain import Identity as Who
from services.identification.domain import Pupil, Status
from shared.contracts.base import Fact, Received
from shared.db import new_metadata
from shared.migrations import add_shared_tables
from shared.privacy import FieldCipher, Pseudonyms, add_read_log

METADATA = add_shared_tables(new_metadata())
READ_LOG = add_read_log(METADATA)


def moment(name: str) -> Column[object]:
    """A required time of an event."""
    return Column(name, DateTime(timezone=True), nullable=False)


def word(name: str, **more: object) -> Column[object]:
    """A required text."""
    return Column(name, Text, nullable=False, **more)  # type: ignore[arg-type]  # passed through


GRANTS = Table(
    "grants",
    METADATA,
    Column("grant_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    word("subject"),
    word("role"),
    word("organisation"),
    Column("staff_ref", Text),
    Column("staff_kind", Text),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    word("state"),
    Column("waits_for", ARRAY(Text), nullable=False),
    Column("revoked_on", Date),
    Column("reason_code", Text),
    word("entered_by"),
    moment("entered_at"),
    word("changed_by"),
    moment("changed_at"),
    CheckConstraint("state IN ('waiting', 'granted', 'revoked')", name="known_state"),
    CheckConstraint(
        "(state = 'waiting') = (cardinality(waits_for) > 0)", name="waiting_says_what_for"
    ),
    Index("grants_by_subject", "subject"),
    Index("grants_waiting", "grant_id", postgresql_where=text("state = 'waiting'")),
)

STAFF = Table(
    "staff",
    METADATA,
    Column("staff_ref", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("person_sealed", LargeBinary, nullable=False),
    word("kind"),
    Column("school_ids", ARRAY(Text), nullable=False),
    Column("subject", Text),
    word("changed_by"),
    moment("changed_at"),
    Index("staff_by_school", "school_ids", postgresql_using="gin"),
    Index(
        "staff_one_subject", "subject", unique=True, postgresql_where=text("subject IS NOT NULL")
    ),
)

PUPILS = Table(
    "pupils",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    word("status"),
    word("school_id"),
    word("municipality_id"),
    word("partner"),
    word("programme"),
    Column("grade", Integer, nullable=False),
    word("sex"),
    Column("valid_from", Date, nullable=False),
    Column("left_on", Date),
    Column("is_synthetic", Boolean, nullable=False),
    Column("person_sealed", LargeBinary, nullable=False),
    word("changed_by"),
    moment("changed_at"),
    CheckConstraint("status IN ('enrolled', 'left')", name="known_status"),
    CheckConstraint("(status = 'left') = (left_on IS NOT NULL)", name="left_has_a_day"),
    CheckConstraint(
        "grade BETWEEN 1 AND CASE programme WHEN 'general' THEN 12 ELSE 4 END",
        name="grade_of_programme",
    ),
    Index("pupils_by_school", "school_id", "pupil_ref"),
)

STAYS = Table(
    "stays",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    word("how"),
    word("school_id"),
    word("municipality_id"),
    word("partner"),
    word("programme"),
    Column("grade", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("left_on", Date),
    Column("reason_code", Text),
    word("entered_by"),
    moment("entered_at"),
    Column("import_id", Text),
)

IMPORTS = Table(
    "imports",
    METADATA,
    Column("import_id", Text, primary_key=True),
    word("kind"),
    word("imported_by"),
    moment("imported_at"),
    Column("rows_in", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("kept", Boolean, nullable=False),
    Column("schools", ARRAY(Text), nullable=False),
    Column("refusals", JSONB, nullable=False),
    Column("warnings", JSONB, nullable=False),
    CheckConstraint("accepted + refused = rows_in", name="rows_add_up"),
    Index("imports_by_time", "imported_at"),
)

Row = Mapping[str, Any]
F = TypeVar("F", bound=Fact)


def cipher(session: AsyncSession) -> FieldCipher:
    """What seals and opens fields in this process."""
    return FieldCipher.of(session.info["settings"])


def pseudonyms(session: AsyncSession) -> Pseudonyms:
    """What turns personal codes into references in this process."""
    return Pseudonyms.of(session.info["settings"])


def sealed(seals: FieldCipher, who: Who) -> bytes:
    """Who somebody is, as the database keeps it."""
    return seals.seal(json.dumps(asdict(who), ensure_ascii=False))


def opened(seals: FieldCipher, person_sealed: bytes) -> Who:
    """Who somebody is."""
    return Who(**json.loads(seals.open(person_sealed)))


def among(column: Column[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of the values; one parameter, however many there are."""
    return column == any_(literal(sorted(values), ARRAY(Text)))


async def rows_of(
    session: AsyncSession, column: Column[Any], values: Iterable[Any], *where: Any
) -> list[Row]:
    """The rows of a table whose column has one of the values, in the order of the column."""
    wanted = sorted(set(values))
    if not wanted:
        return []
    asked = select(column.table).where(among(column, wanted), *where).order_by(column)
    return [dict(row) for row in (await session.execute(asked)).mappings()]


async def locked(session: AsyncSession, column: Column[Any], values: Iterable[Any]) -> list[Row]:
    """The same, locked until the transaction ends, always in the same order."""
    wanted = sorted(set(values))
    if not wanted:
        return []
    asked = select(column.table).where(among(column, wanted)).order_by(column).with_for_update()
    return [dict(row) for row in (await session.execute(asked)).mappings()]


async def add(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    """New rows, by one statement."""
    if rows:
        await session.execute(table.insert(), list(rows))


async def add_new(session: AsyncSession, table: Table, rows: Sequence[Row]) -> set[tuple[Any, ...]]:
    """New rows; the keys of those that were really new. Waits for who adds the same just now."""
    if not rows:
        return set()
    stmt = insert(table).on_conflict_do_nothing().returning(*table.primary_key)
    return {tuple(key) for key in await session.execute(stmt, list(rows))}


async def keep(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    """Rows new or changed, by one statement; a column a row does not name stays."""
    if not rows:
        return
    stmt = insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: stmt.excluded[name] for name in rows[0] if name not in keys}
    await session.execute(stmt.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


async def lock_registers(session: AsyncSession) -> None:
    """Registers are changed by one command at a time, so that versions grow one by one."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('identification registers'))")
    )


def pupil_of(row: Row) -> Pupil:
    """A pupil without who it is."""
    known = {name: row[name] for name in Pupil.__dataclass_fields__}
    return Pupil(**known | {"status": Status(row["status"])})


async def pupils_locked(
    session: AsyncSession, refs: Collection[str]
) -> dict[str, tuple[Pupil, bytes]]:
    """Pupils with who they are, sealed; their rows locked in the order of references."""
    rows = await locked(session, PUPILS.c.pupil_ref, refs)
    return {row["pupil_ref"]: (pupil_of(row), row["person_sealed"]) for row in rows}


def as_received(facts: Sequence[F], now: datetime) -> list[Received[F]]:
    """Our own facts, as the projection of the registers takes them."""
    return [
        Received(fact=fact, at=now, event_id="", source="", topic="", partition=0, offset=0)
        for fact in facts
    ]


async def change(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    """New values of rows that are there, by one statement; other columns stay."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    stmt = table.update().values(
        {name: bindparam(f"new_{name}") for name in rows[0] if name not in keys}
    )
    for name in keys:
        stmt = stmt.where(table.c[name] == bindparam(f"new_{name}"))
    connection = await session.connection()
    named = [{f"new_{name}": value for name, value in row.items()} for row in rows]
    await connection.execute(stmt, named)
