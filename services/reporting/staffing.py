"""Counts who worked: pedagogues, providers of support."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import evidence_rows, territory_rows
from services.reporting.domain import ALL, starts_on
from services.reporting.ledger import changes_of
from services.reporting.membership import Evidence, change
from services.reporting.staff_rules import KindCounts, Work, evidence_of
from shared.parameters import Value, values

PEDAGOGUE_KINDS = "pedagogue_kinds"
NOBODY = Evidence({})


async def note_work(
    session: AsyncSession,
    works: Sequence[tuple[str, ...]],
    *,
    deleted_plans: Iterable[str] = (),
) -> None:
    """Work was done (rows of `staff_work`), or plans on which it was done are deleted."""
    plans = sorted(set(deleted_plans))
    leaving = await evidence_rows.staff_of_plans(session, plans) if plans else []
    if not works and not leaving:
        return
    earliest: dict[tuple[str, str, str, str], tuple[str, ...]] = {}
    for row in works:
        name = (row[0], row[1], row[2], row[3])
        if name not in earliest or row[-1] < earliest[name][-1]:
            earliest[name] = row
    await evidence_rows.lock_staff(session, [*leaving, *(row[0] for row in earliest.values())])
    known = await evidence_rows.work_known(session, earliest)
    new = [row for name, row in earliest.items() if row[-1] < known.get(name, "9999")]
    people = sorted({*leaving, *(row[0] for row in new)})
    if not people:
        return
    before = await evidence_rows.work_of(session, people)
    await evidence_rows.keep_work(session, new)
    if plans:
        await evidence_rows.forget_work(session, plans)
    after = await evidence_rows.work_of(session, people)
    await _count_work(session, before, after)


async def _count_work(session: AsyncSession, before: Sequence[Work], after: Sequence[Work]) -> None:
    """Count how persons' work changed."""
    counts = await pedagogues(session)
    merged = await territory_rows.counted_with(session)
    then, now = evidence_of(before, counts), evidence_of(after, counts)
    into = changes_of(session)
    for staff_ref in then.keys() | now.keys():
        change(then.get(staff_ref, NOBODY), now.get(staff_ref, NOBODY), merged, into=into)


async def pedagogues(session: AsyncSession) -> KindCounts:
    """Which kinds count as pedagogues, by the parameter in force when a semester begins."""
    known = await values(session, name=PEDAGOGUE_KINDS)
    return lambda kind, semester: kind in _kinds_on(known, semester)


async def pedagogue_kinds(session: AsyncSession, period: str) -> list[str]:
    """The kinds that count as pedagogues when a period begins; printed beside each figure."""
    return _kinds_on(await values(session, name=PEDAGOGUE_KINDS), period)


def _kinds_on(known: Sequence[Value], period: str) -> list[str]:
    """The kinds in force when a period begins; for all periods those of the newest value."""
    day = date.max if period == ALL else date.fromisoformat(starts_on(period))
    for value in known:
        in_force = (value.valid_from or date.min) <= day <= (value.valid_to or date.max)
        if in_force and isinstance(value.value, list):
            return [str(kind) for kind in value.value]
    return []
