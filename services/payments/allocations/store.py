"""Rows of allocations: held in key order, changed by what a batch adds or takes, looked at."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.allocations.domain import Act, Allocation, AllocationKey, Year, YearKey
from services.payments.allocations.tables import (
    ALLOCATION_ACTS,
    ALLOCATION_DECISIONS,
    ALLOCATION_YEARS,
    ALLOCATIONS,
)
from services.payments.rulebook import Rulebook
from services.payments.store import insert_rows, overwrite

_HOLD = text("""
    SELECT a.partner, a.semester, a.allocated_cents, a.spoken_for_cents, a.version
    FROM allocations a
    JOIN unnest(CAST(:partners AS text[]), CAST(:semesters AS text[])) AS n (partner, semester)
        USING (partner, semester)
    ORDER BY a.partner, a.semester FOR UPDATE OF a
""")
_SPEAK_FOR = text("""
    UPDATE allocations a SET spoken_for_cents = a.spoken_for_cents + n.cents
    FROM unnest(CAST(:partners AS text[]), CAST(:semesters AS text[]), CAST(:cents AS bigint[]))
         AS n (partner, semester, cents)
    WHERE a.partner = n.partner AND a.semester = n.semester
""")
_HOLD_YEARS = text("""
    SELECT y.partner, y.school_year, y.maximum_cents, y.learners, y.allocated_cents, y.version
    FROM allocation_years y
    JOIN unnest(CAST(:partners AS text[]), CAST(:years AS text[])) AS n (partner, school_year)
        USING (partner, school_year)
    ORDER BY y.partner, y.school_year FOR UPDATE OF y
""")
_ACTS = text("""
    SELECT a.act_id, a.kind, a.partner, a.semester, a.to_partner, a.to_semester, a.cents,
           a.learners, a.reason, a.entered_by, d.decision IS NOT NULL AS decided
    FROM allocation_acts a LEFT JOIN allocation_decisions d USING (act_id)
    WHERE a.act_id = ANY(:ids) ORDER BY a.act_id FOR UPDATE OF a
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_LIST_ACTS = text("""
    SELECT a.*, coalesce(d.decision, 'waiting') AS decision, d.decided_by, d.decided_at, d.comment
    FROM allocation_acts a LEFT JOIN allocation_decisions d USING (act_id)
    WHERE (CAST(:partner AS text) IS NULL OR :partner IN (a.partner, a.to_partner))
        AND (CAST(:decision AS text) IS NULL OR coalesce(d.decision, 'waiting') = :decision)
        AND a.act_id > :after
    ORDER BY a.act_id LIMIT :limit
""")
_STANDING = text("""
    SELECT a.semester, a.allocated_cents, a.spoken_for_cents, a.version,
           coalesce(l.reserved, 0)::bigint AS reserved_cents,
           coalesce(l.ordered, 0)::bigint AS ordered_cents,
           coalesce(l.waiting, 0)::bigint AS waiting_cents,
           coalesce(o.settled, 0)::bigint AS settled_cents
    FROM allocations a
    LEFT JOIN (
        SELECT p.semester, sum(e.reserved_cents) AS reserved, sum(e.ordered_cents) AS ordered,
               sum(e.waiting_cents) AS waiting
        FROM plans p JOIN entitlements e USING (plan_id)
        WHERE p.partner = :partner AND left(p.semester, 4) = :year GROUP BY p.semester
    ) l USING (semester)
    LEFT JOIN (
        SELECT semester, sum(cents - recovered_cents) AS settled FROM orders
        WHERE partner = :partner AND state = 'settled' AND left(semester, 4) = :year
        GROUP BY semester
    ) o USING (semester)
    WHERE a.partner = :partner AND left(a.semester, 4) = :year ORDER BY a.semester
""")
_STANDING_OF_ALL = text("""
    SELECT a.partner, a.semester, a.allocated_cents,
           coalesce(l.reserved, 0)::bigint AS reserved_cents,
           coalesce(l.ordered, 0)::bigint AS ordered_cents,
           coalesce(o.settled, 0)::bigint AS settled_cents,
           coalesce(l.waiting, 0)::bigint AS waiting_cents,
           a.allocated_cents - a.spoken_for_cents AS left_cents
    FROM allocations a
    LEFT JOIN (
        SELECT p.partner, p.semester, sum(e.reserved_cents) AS reserved,
               sum(e.ordered_cents) AS ordered, sum(e.waiting_cents) AS waiting
        FROM plans p JOIN entitlements e USING (plan_id) GROUP BY p.partner, p.semester
    ) l USING (partner, semester)
    LEFT JOIN (
        SELECT partner, semester, sum(cents - recovered_cents) AS settled FROM orders
        WHERE state = 'settled' GROUP BY partner, semester
    ) o USING (partner, semester)
    WHERE a.allocated_cents IS NOT NULL ORDER BY a.partner, a.semester
""")
_YEAR = text("""
    SELECT partner, school_year, maximum_cents, learners, allocated_cents, version
    FROM allocation_years WHERE partner = :partner AND school_year = :year
""")
_MUNICIPALITIES = text("""
    SELECT DISTINCT ON (partner) partner, municipality_id FROM register_schools
    WHERE partner = ANY(:partners) ORDER BY partner, municipality_id
""").bindparams(bindparam("partners", type_=ARRAY(Text)))


async def hold_allocations(
    session: AsyncSession, keys: Iterable[AllocationKey], rules: Rulebook
) -> dict[AllocationKey, Allocation]:
    """Allocations by key, held until the transaction ends; new ones are written first.

    The caller holds the rows of the pupils it is about, and takes none of those afterwards.
    """
    asked = sorted(set(keys))
    if not asked:
        return {}
    rows = [(partner, semester, None, 0, 0) for partner, semester in asked]
    await insert_rows(session, ALLOCATIONS, rows, "ON CONFLICT DO NOTHING")
    values = {"partners": [p for p, _ in asked], "semesters": [s for _, s in asked]}
    held = [Allocation(*row) for row in await session.execute(_HOLD, values)]
    for allocation in held:
        allocation.required = rules.allocation_required(allocation.partner, allocation.semester)
    return {(allocation.partner, allocation.semester): allocation for allocation in held}


async def speak_for(session: AsyncSession, changes: Mapping[AllocationKey, int]) -> None:
    """Add to what is spoken for, or take from it; rows are held in key order first."""
    keys = sorted(key for key, cents in changes.items() if cents)
    if keys:
        values = {"partners": [p for p, _ in keys], "semesters": [s for _, s in keys]}
        await session.execute(_HOLD, values)
        await session.execute(_SPEAK_FOR, {**values, "cents": [changes[key] for key in keys]})


async def hold_years(session: AsyncSession, keys: Iterable[YearKey]) -> dict[YearKey, Year]:
    """School years of partners by key, held until the transaction ends; after allocations."""
    asked = sorted(set(keys))
    rows = [(partner, year, None, None, 0, 0) for partner, year in asked]
    await insert_rows(session, ALLOCATION_YEARS, rows, "ON CONFLICT DO NOTHING")
    values = {"partners": [p for p, _ in asked], "years": [y for _, y in asked]}
    held = [Year(*row) for row in await session.execute(_HOLD_YEARS, values)]
    return {(year.partner, year.school_year): year for year in held}


async def keep(
    session: AsyncSession, allocations: Iterable[Allocation], years: Iterable[Year]
) -> None:
    """Write what acts changed; all rows are held."""
    rows = [(a.partner, a.semester, a.allocated, a.spoken_for, a.version) for a in allocations]
    await insert_rows(
        session, ALLOCATIONS, sorted(rows), overwrite(ALLOCATIONS, ("allocated_cents", "version"))
    )
    changed = [
        (y.partner, y.school_year, y.maximum, y.learners, y.allocated, y.version) for y in years
    ]
    columns = ("maximum_cents", "learners", "allocated_cents", "version")
    await insert_rows(
        session, ALLOCATION_YEARS, sorted(changed), overwrite(ALLOCATION_YEARS, columns)
    )


async def add_acts(session: AsyncSession, acts: Sequence[Act], *, at: datetime) -> None:
    """Write new acts."""
    await insert_rows(session, ALLOCATION_ACTS, [(*act, at) for act in acts])


async def acts_held(session: AsyncSession, act_ids: Iterable[str]) -> dict[str, tuple[Act, bool]]:
    """Acts by id, held until the transaction ends, and whether each is decided."""
    rows = await session.execute(_ACTS, {"ids": sorted(set(act_ids))})
    return {row[0]: (Act(*row[:-1]), row[-1]) for row in rows}


async def add_decisions(
    session: AsyncSession, rows: Sequence[tuple[str, str, str, str, str, datetime]]
) -> None:
    """Write what second persons said: act, decision, who entered, who decided, comment, when."""
    await insert_rows(session, ALLOCATION_DECISIONS, rows)


async def list_acts(
    session: AsyncSession, *, partner: str | None, decision: str | None, after: str, limit: int
) -> Sequence[RowMapping]:
    """A page of acts with what became of them, by id, after an id."""
    values = {"partner": partner, "decision": decision, "after": after, "limit": limit}
    return (await session.execute(_LIST_ACTS, values)).mappings().all()


async def standing(session: AsyncSession, partner: str, year: str) -> Sequence[RowMapping]:
    """How the semesters of a partner's school year stand, all from one moment."""
    return (await session.execute(_STANDING, {"partner": partner, "year": year})).mappings().all()


async def standing_of_all(session: AsyncSession) -> Sequence[RowMapping]:
    """How every allocation that was set stands, all from one moment."""
    return (await session.execute(_STANDING_OF_ALL)).mappings().all()


async def year_of(session: AsyncSession, partner: str, year: str) -> Year:
    """A partner's school year; an empty one where nothing was set."""
    row = (await session.execute(_YEAR, {"partner": partner, "year": year})).first()
    return Year(partner, year) if row is None else Year(*row)


async def municipalities_of(session: AsyncSession, partners: Iterable[str]) -> dict[str, str]:
    """In which municipality partners' schools lie; a partner without schools is its own."""
    names = sorted(set(partners))
    rows = await session.execute(_MUNICIPALITIES, {"partners": names})
    return {name: name for name in names} | {row[0]: row[1] for row in rows}
