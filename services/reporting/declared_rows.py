"""Rows of what texts declare: subjects, values, decisions, announcements."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.contradictions_rules import Blocks, Rule, Subject
from services.reporting.store import ANNOUNCEMENTS, DECISIONS, DECLARED_VALUES, SUBJECTS

Kept = dict[str, Any]


async def keep_subject(session: AsyncSession, subject: Subject) -> None:
    """Write a subject when its first value is declared; its rule stays as it was then."""
    row = {"subject_id": subject.id, **vars(subject)}
    row |= {"rule": subject.rule.value, "blocks": subject.blocks.value}
    await session.execute(upsert(SUBJECTS).on_conflict_do_nothing(), [row])
    locked = select(SUBJECTS.c.subject_id).where(SUBJECTS.c.subject_id == subject.id)
    await session.execute(locked.with_for_update())


async def keep_value(session: AsyncSession, row: Mapping[str, Any]) -> int:
    """Write one declared value; gives its number."""
    done = await session.execute(
        insert(DECLARED_VALUES).values(row).returning(DECLARED_VALUES.c.id)
    )
    return int(done.scalar_one())


async def keep_decision(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Write one decision; earlier ones stay."""
    await session.execute(insert(DECISIONS).values(row))


async def subjects(session: AsyncSession, ids: Iterable[str] | None = None) -> dict[str, Subject]:
    """Subjects by id, all where none are named."""
    asked = select(SUBJECTS).order_by(SUBJECTS.c.subject_id)
    if ids is not None:
        asked = asked.where(SUBJECTS.c.subject_id.in_(sorted(set(ids))))
    return {
        row.subject_id: Subject(
            row.measure,
            row.level,
            row.place,
            row.period,
            row.cut,
            Rule(row.rule),
            Blocks(row.blocks),
        )
        for row in await session.execute(asked)
    }


async def lock_subject(session: AsyncSession, subject_id: str) -> None:
    """Take a subject's row before something is decided about it."""
    asked = select(SUBJECTS.c.subject_id).where(SUBJECTS.c.subject_id == subject_id)
    await session.execute(asked.with_for_update())


async def values_of(session: AsyncSession) -> dict[str, list[Kept]]:
    """All declared values by subject, in the order in which they came."""
    return await _by_subject(session, DECLARED_VALUES)


async def decisions_of(session: AsyncSession) -> dict[str, list[Kept]]:
    """All decisions by subject, in order."""
    return await _by_subject(session, DECISIONS)


async def _by_subject(session: AsyncSession, table: Any) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = {}
    for row in (await session.execute(select(table).order_by(table.c.id))).mappings():
        found.setdefault(row["subject_id"], []).append(dict(row))
    return found


async def keep_announcement(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Write what was announced; announced anew, the newer text stays."""
    new = upsert(ANNOUNCEMENTS)
    changed = {name: new.excluded[name] for name in row if name != "announcement_id"}
    await session.execute(
        new.on_conflict_do_update(index_elements=["announcement_id"], set_=changed), [dict(row)]
    )


async def announcements(session: AsyncSession) -> list[Kept]:
    """All announcements, by id."""
    asked = select(ANNOUNCEMENTS).order_by(ANNOUNCEMENTS.c.announcement_id)
    return [dict(row) for row in (await session.execute(asked)).mappings()]
