"""Papers around an application as rows: attachments (sealed), clarifications, appeals."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    RowMapping,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.store import METADATA, moments, one_of, words

OF_APPLICATION = "applications.application_id"
ATTACHMENTS = Table(
    "attachments",
    METADATA,
    Column("application_id", Text, ForeignKey(OF_APPLICATION), primary_key=True),
    Column("kind", Text, primary_key=True),
    *words("name", "media_type", "sha256", "added_by"),
    Column("size_bytes", Integer, nullable=False),
    Column("sealed", LargeBinary),
    *moments("added_at"),
)
CLARIFICATIONS = Table(
    "clarifications",
    METADATA,
    Column("application_id", Text, ForeignKey(OF_APPLICATION), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    *words("question", "asked_by"),
    Column("answer_by", Date, nullable=False),
    *moments("asked_at"),
    Column("answer", Text),
    Column("answered_by", Text),
    *moments("answered_at", nullable=True),
    CheckConstraint("answered_by <> asked_by", name="four_eyes"),
)
APPEALS = Table(
    "appeals",
    METADATA,
    Column("application_id", Text, ForeignKey(OF_APPLICATION), primary_key=True),
    *words("grounds", "filed_by"),
    *moments("filed_at"),
    Column("answer", Text),
    Column("reason", Text),
    Column("answered_by", Text),
    *moments("answered_at", nullable=True),
    one_of("answer", ("upheld", "dismissed")),
    CheckConstraint("answered_by <> filed_by", name="four_eyes"),
)


async def keep_attachment(session: AsyncSession, row: dict[str, Any]) -> None:
    """Write a paper in the place of an earlier one of its kind."""
    new = upsert(ATTACHMENTS).values(row)
    changed = {name: new.excluded[name] for name in row if name not in {"application_id", "kind"}}
    await session.execute(
        new.on_conflict_do_update(index_elements=["application_id", "kind"], set_=changed)
    )


async def attachments(session: AsyncSession, application_id: str) -> Sequence[RowMapping]:
    """The papers of an application without their bytes."""
    columns = [column for column in ATTACHMENTS.c if column.name != "sealed"]
    asked = (
        select(*columns)
        .where(ATTACHMENTS.c.application_id == application_id)
        .order_by(ATTACHMENTS.c.kind)
    )
    return (await session.execute(asked)).mappings().all()


async def attachment(session: AsyncSession, application_id: str, kind: str) -> RowMapping | None:
    """One paper with its sealed bytes, if it is there."""
    asked = select(ATTACHMENTS).where(
        ATTACHMENTS.c.application_id == application_id, ATTACHMENTS.c.kind == kind
    )
    return (await session.execute(asked)).mappings().first()


async def ask(
    session: AsyncSession,
    application_id: str,
    *,
    question: str,
    answer_by: date,
    by: str,
    now: datetime,
) -> int:
    """Write a question to the applicant; returns its number."""
    number = len(await clarifications(session, application_id)) + 1
    await session.execute(
        insert(CLARIFICATIONS).values(
            application_id=application_id,
            number=number,
            question=question,
            answer_by=answer_by,
            asked_by=by,
            asked_at=now,
        )
    )
    return number


async def clarifications(session: AsyncSession, application_id: str) -> Sequence[RowMapping]:
    """The questions put to an applicant and their answers, in order."""
    asked = (
        select(CLARIFICATIONS)
        .where(CLARIFICATIONS.c.application_id == application_id)
        .order_by(CLARIFICATIONS.c.number)
    )
    return (await session.execute(asked)).mappings().all()


async def answer(
    session: AsyncSession, application_id: str, number: int, text: str, *, by: str, now: datetime
) -> None:
    """Write the applicant's answer."""
    await session.execute(
        update(CLARIFICATIONS)
        .where(CLARIFICATIONS.c.application_id == application_id)
        .where(CLARIFICATIONS.c.number == number)
        .values(answer=text, answered_by=by, answered_at=now)
    )


async def appeal_of(session: AsyncSession, application_id: str) -> RowMapping | None:
    """The appeal of an application, if there is one."""
    asked = select(APPEALS).where(APPEALS.c.application_id == application_id)
    return (await session.execute(asked)).mappings().first()


async def add_appeal(
    session: AsyncSession, application_id: str, grounds: str, *, by: str, now: datetime
) -> None:
    """Write an appeal."""
    await session.execute(
        insert(APPEALS).values(
            application_id=application_id, grounds=grounds, filed_by=by, filed_at=now
        )
    )


async def answer_appeal(
    session: AsyncSession,
    application_id: str,
    *,
    answer: str,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Write the answer to an appeal."""
    await session.execute(
        update(APPEALS)
        .where(APPEALS.c.application_id == application_id)
        .values(answer=answer, reason=reason, answered_by=by, answered_at=now)
    )
