"""Counts everything again from the evidence, and compares; the counts are a function of it."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import (
    aggregate_rows,
    allocation_rows,
    allocation_rules,
    evidence_rows,
    order_rows,
    territory_rows,
)
from services.reporting.domain import Cell, Level
from services.reporting.ledger import LEDGER, school_cells, tell_exactly
from services.reporting.mapping import keep_maps
from services.reporting.membership import Territories, standing
from services.reporting.order_rules import money_of
from services.reporting.project_rules import sums_of as project_sums
from services.reporting.pupil_cases import PupilCase, all_sums, evidence_of
from services.reporting.staff_rules import evidence_of as staff_evidence
from services.reporting.staffing import pedagogues

SHOWN_MAX = 20


async def counts_from_evidence(session: AsyncSession) -> dict[Cell, int]:
    """Every count that is not zero, from plans, orders, projects and work alone."""
    merged = await territory_rows.counted_with(session)
    counts: Counter[Cell] = Counter()
    async for case in _cases(session):
        counts.update(standing(evidence_of(case), merged))
        counts.update(all_sums(case.files.values()))
    work = await evidence_rows.work_where(session, None, {})
    for evidence in staff_evidence(work, await pedagogues(session)).values():
        counts.update(standing(evidence, merged))
    for order in await order_rows.orders_where(session):
        counts.update(money_of(order))
    for standing_told in await allocation_rows.all_standings(session):
        counts.update(allocation_rules.sums_of(standing_told))
    for project in await order_rows.all_projects(session):
        counts.update(project_sums(project))
    counts.update(_schools(counts, merged))
    return {cell: value for cell, value in counts.items() if value}


async def _cases(session: AsyncSession) -> AsyncIterator[PupilCase]:
    """All pupils with everything about them."""
    cases = {case.pupil_ref: case for case in await evidence_rows.all_cases(session)}
    for file in await evidence_rows.files_where(session, None, {}):
        cases.setdefault(file.pupil_ref, PupilCase(file.pupil_ref)).files[file.plan_id] = file
    for case in cases.values():
        yield case


def _schools(counts: Mapping[Cell, int], merged: Territories) -> Counter[Cell]:
    """Schools involved, from the pupils involved of each."""
    involved = {
        cell: value
        for cell, value in counts.items()
        if cell.level == Level.SCHOOL and cell.measure == "pupils_involved" and not cell.cut
    }
    return Counter(school_cells(involved, merged))


def fingerprint(cells: Mapping[Cell, int]) -> str:
    """The same counts give the same text on every machine, however they came about."""
    lines = sorted(f"{cell.key} {value}\n" for cell, value in cells.items() if value)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


async def show_fingerprint(session: AsyncSession, _now: datetime) -> str:
    """The fingerprint of the counts as they stand, and how many there are."""
    cells = await aggregate_rows.all_cells(session)
    return f"{fingerprint(cells)} {len(cells)} counts"


async def recount(session: AsyncSession, _now: datetime) -> str:
    """Count again and say where the counts differ; changes nothing."""
    standing_now = await aggregate_rows.all_cells(session)
    counted = await counts_from_evidence(session)
    wrong = sorted(
        f"{cell.key}: stands {standing_now.get(cell, 0)}, counted {counted.get(cell, 0)}"
        for cell in standing_now.keys() | counted.keys()
        if standing_now.get(cell, 0) != counted.get(cell, 0)
    )
    summary = f"{len(counted)} counts, {len(wrong)} differ, {fingerprint(counted)}"
    return "\n".join([*wrong[:SHOWN_MAX], summary])


async def repair_counts(session: AsyncSession, now: datetime) -> str:
    """Count again with the parameters and maps of now, keep and tell what differs."""
    await keep_maps(session)
    standing_now = await aggregate_rows.all_cells(session)
    counted = await counts_from_evidence(session)
    delta = Counter(counted)
    delta.subtract(standing_now)
    # Changed maps were noted on the way; the difference to what stands says it all.
    session.info.pop(LEDGER, None)
    return f"{await tell_exactly(session, delta, at=now)} counts told anew"
