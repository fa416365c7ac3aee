"""Contracts, instalments, proofs and recoveries as rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    RowMapping,
    Table,
    Text,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.project_rules import Instalment, Told
from services.ngo_grants.store import METADATA, moments, one_of, words
from shared.errors import NotFound

OF_PROJECT = "projects.project_id"
PROJECTS = Table(
    "projects",
    METADATA,
    Column("project_id", Text, ForeignKey("applications.application_id"), primary_key=True),
    *words("contract_number", "signed_by"),
    Column("signed_on", Date, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("participants", Integer, nullable=False),
    Column("participants_at_risk", Integer, nullable=False),
    Column("earned_cents", BigInteger),
    Column("ended_on", Date),
    CheckConstraint("earned_cents BETWEEN 0 AND cents", name="earned_within_grant"),
)
INSTALMENTS = Table(
    "instalments",
    METADATA,
    Column("project_id", Text, ForeignKey(OF_PROJECT), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    *words("after", "state"),
    Column("cents", BigInteger, nullable=False),
    Column("due_on", Date),
    Column("order_id", Text),
    Column("order_version", Integer),
    Column("booked_on", Date),
    Column("reason_code", Text),
    one_of("state", Instalment),
    CheckConstraint("cents >= 0", name="not_negative"),
)
PROOFS = Table(
    "proofs",
    METADATA,
    Column("project_id", Text, ForeignKey(OF_PROJECT), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("participants", Integer, nullable=False),
    Column("participants_at_risk", Integer, nullable=False),
    *words("summary", "publicity", "filed_by"),
    *moments("filed_at"),
    Column("accepted", Boolean),
    Column("comment", Text),
    Column("checked_by", Text),
    *moments("checked_at", nullable=True),
    CheckConstraint("checked_by <> filed_by", name="four_eyes"),
)
RECOVERIES = Table(
    "recoveries",
    METADATA,
    Column("project_id", Text, ForeignKey(OF_PROJECT), primary_key=True),
    *words("reason_code", "told_by"),
    Column("cents", BigInteger, nullable=False),
    *moments("told_at"),
    CheckConstraint("cents > 0", name="something_to_recover"),
)
RECOVERED = Table(
    "recovered_payments",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("order_version", Integer, primary_key=True, autoincrement=False),
    Column("project_id", Text, ForeignKey(OF_PROJECT), nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("booked_on", Date, nullable=False),
)
_HEARD = text("""
    UPDATE instalments SET state = heard.state, order_id = heard.order_id,
        order_version = heard.order_version, booked_on = heard.booked_on,
        reason_code = heard.reason_code
    FROM unnest(CAST(:projects AS text[]), CAST(:numbers AS int[]), CAST(:states AS text[]),
                CAST(:orders AS text[]), CAST(:versions AS int[]), CAST(:booked AS date[]),
                CAST(:reasons AS text[]))
        AS heard(project_id, number, state, order_id, order_version, booked_on, reason_code)
    WHERE instalments.project_id = heard.project_id AND instalments.number = heard.number
""")


class UnknownProject(NotFound):
    """There is no contract for this project."""

    code = "unknown-project"


async def add(
    session: AsyncSession, project: Mapping[str, Any], instalments: Sequence[Mapping[str, Any]]
) -> None:
    """Write a contract with its instalments."""
    await session.execute(insert(PROJECTS).values(**project))
    if instalments:
        await session.execute(insert(INSTALMENTS), [dict(one) for one in instalments])


async def read(session: AsyncSession, project_id: str) -> RowMapping:
    """The contract of a project; raises UnknownProject."""
    asked = select(PROJECTS).where(PROJECTS.c.project_id == project_id)
    row = (await session.execute(asked)).mappings().first()
    if row is None:
        raise UnknownProject(project_id=project_id)
    return row


async def instalments(session: AsyncSession, project_ids: Iterable[str]) -> Sequence[RowMapping]:
    """The instalments of projects, in order."""
    asked = (
        select(INSTALMENTS)
        .where(INSTALMENTS.c.project_id.in_(sorted(set(project_ids))))
        .order_by(INSTALMENTS.c.project_id, INSTALMENTS.c.number)
    )
    return (await session.execute(asked)).mappings().all()


async def set_instalments(
    session: AsyncSession,
    project_id: str,
    state: Instalment,
    cents_by_number: Mapping[int, int],
    *,
    due_on: date | None,
) -> None:
    """Let planned instalments become due with these sums, or cancelled."""
    for number, cents in sorted(cents_by_number.items()):
        await session.execute(
            update(INSTALMENTS)
            .where(INSTALMENTS.c.project_id == project_id, INSTALMENTS.c.number == number)
            .where(INSTALMENTS.c.state == Instalment.PLANNED)
            .values(state=state, cents=cents, due_on=due_on)
        )


async def keep_heard(session: AsyncSession, heard: Sequence[Told]) -> None:
    """Write what payments said of instalments."""
    if not heard:
        return
    await session.execute(
        _HEARD,
        {
            "projects": [one.project_id for one in heard],
            "numbers": [one.number for one in heard],
            "states": [str(one.state) for one in heard],
            "orders": [one.order_id for one in heard],
            "versions": [one.order_version for one in heard],
            "booked": [one.booked_on for one in heard],
            "reasons": [one.reason_code for one in heard],
        },
    )


async def add_proof(
    session: AsyncSession, project_id: str, proof: Mapping[str, Any], *, by: str, now: datetime
) -> int:
    """Write a proof of results; returns its number."""
    number = len(await proofs(session, project_id)) + 1
    await session.execute(
        insert(PROOFS).values(
            project_id=project_id, number=number, **proof, filed_by=by, filed_at=now
        )
    )
    return number


async def proofs(session: AsyncSession, project_id: str) -> Sequence[RowMapping]:
    """The proofs of a project, in order."""
    asked = select(PROOFS).where(PROOFS.c.project_id == project_id).order_by(PROOFS.c.number)
    return (await session.execute(asked)).mappings().all()


async def check_proof(
    session: AsyncSession,
    project_id: str,
    number: int,
    *,
    accepted: bool,
    comment: str | None,
    by: str,
    now: datetime,
) -> None:
    """Write who accepted or returned a proof."""
    await session.execute(
        update(PROOFS)
        .where(PROOFS.c.project_id == project_id, PROOFS.c.number == number)
        .values(accepted=accepted, comment=comment, checked_by=by, checked_at=now)
    )


async def finish(
    session: AsyncSession, project_id: str, *, earned_cents: int, ended_on: date
) -> None:
    """Write what a project earned in the end."""
    await session.execute(
        update(PROJECTS)
        .where(PROJECTS.c.project_id == project_id)
        .values(earned_cents=earned_cents, ended_on=ended_on)
    )


async def add_recovery(session: AsyncSession, recovery: Mapping[str, Any]) -> None:
    """Write that money has to come back."""
    await session.execute(insert(RECOVERIES).values(**recovery))


async def recoveries(session: AsyncSession, project_ids: Iterable[str]) -> dict[str, RowMapping]:
    """What has to come back, by project."""
    asked = select(RECOVERIES).where(RECOVERIES.c.project_id.in_(sorted(set(project_ids))))
    return {row["project_id"]: row for row in (await session.execute(asked)).mappings()}


async def add_recovered(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what came back; the same line twice is one."""
    if rows:
        await session.execute(
            upsert(RECOVERED).on_conflict_do_nothing(), [dict(row) for row in rows]
        )


async def recovered_cents(session: AsyncSession, project_ids: Iterable[str]) -> dict[str, int]:
    """What came back so far, by project."""
    asked = select(RECOVERED.c.project_id, RECOVERED.c.cents).where(
        RECOVERED.c.project_id.in_(sorted(set(project_ids)))
    )
    found: dict[str, int] = {}
    for project_id, cents in await session.execute(asked):
        found[project_id] = found.get(project_id, 0) + cents
    return found
