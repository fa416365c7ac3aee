"""Questions about grants and about the things they link."""

from collections.abc import Collection, Iterable

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import store
from services.identification.grant_rules import Links, State
from services.identification.store import GRANTS, PUPILS, STAFF, Row, among
from shared import registers


async def waiting_locked(session: AsyncSession) -> list[Row]:
    """All grants that lack a link, locked."""
    asked = (
        select(GRANTS)
        .where(GRANTS.c.state == State.WAITING)
        .order_by(GRANTS.c.grant_id)
        .with_for_update()
    )
    return [dict(row) for row in (await session.execute(asked)).mappings()]


async def anybody_waits(session: AsyncSession, organisations: Collection[str]) -> bool:
    """Whether a grant in one of the organisations lacks a link."""
    asked = (
        select(GRANTS.c.grant_id)
        .where(GRANTS.c.state == State.WAITING, among(GRANTS.c.organisation, organisations))
        .limit(1)
    )
    return (await session.execute(asked)).first() is not None


async def links_of(session: AsyncSession, wanted: Iterable[Row]) -> Links:
    """What the registers know of what these grants name, by six questions."""
    wanted = list(wanted)
    organisations = {row["organisation"] for row in wanted}
    schools = await registers.schools(session, organisations)
    places = await registers.municipalities(session, organisations)
    table = registers.TABLES.schools
    partners = await session.execute(
        select(table.c.partner).where(among(table.c.partner, organisations)).distinct()
    )
    pupils = await session.execute(
        select(PUPILS.c.pupil_ref).where(among(PUPILS.c.pupil_ref, organisations))
    )
    subjects = {row["subject"] for row in wanted}
    refs = {row["staff_ref"] for row in wanted if row["staff_ref"]}
    staff = await session.execute(
        select(STAFF.c.staff_ref, STAFF.c.subject).where(
            or_(among(STAFF.c.staff_ref, refs), among(STAFF.c.subject, subjects))
        )
    )
    people = [(ref, subject) for ref, subject in staff]
    return Links(
        schools={school.school_id: school.partner for school in schools.values()},
        numbers=set(places) | set(partners.scalars()),
        pupils=set(pupils.scalars()),
        staff={ref for ref, _ in people},
        staff_of_subject={subject: ref for ref, subject in people if subject in subjects},
    )


async def staff_kinds(session: AsyncSession, links: Links) -> dict[str, str]:
    """Kinds of the members of staff among the links."""
    rows = await store.rows_of(session, STAFF.c.staff_ref, links.staff)
    return {row["staff_ref"]: row["kind"] for row in rows}


async def grants_at(
    session: AsyncSession,
    *,
    organisation: str | None = None,
    subject: str | None = None,
    state: str | None = None,
    after: str = "",
    limit: int,
) -> list[Row]:
    """Grants after an id, in the order of ids, with what they wait for."""
    asked = select(GRANTS).where(GRANTS.c.grant_id > after).order_by(GRANTS.c.grant_id)
    if organisation is not None:
        asked = asked.where(GRANTS.c.organisation == organisation)
    if subject is not None:
        asked = asked.where(GRANTS.c.subject == subject)
    if state is not None:
        asked = asked.where(GRANTS.c.state == state)
    return [dict(row) for row in (await session.execute(asked.limit(limit))).mappings()]
