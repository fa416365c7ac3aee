"""Keeps the counts on the maps that the register of municipalities gives.

A merger changes in which territory people count; when the register tells a new one, what was
counted in the municipalities concerned is counted again, in the transaction that notices.
"""

from collections import Counter
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import aggregate_rows, evidence_rows, territory_rows
from services.reporting.hierarchy import territories
from services.reporting.ledger import changes_of, school_cells
from services.reporting.membership import Evidence, Territories, standing
from services.reporting.pupil_cases import evidence_of
from services.reporting.staff_rules import evidence_of as staff_evidence
from services.reporting.staffing import pedagogues

MAPS_CHECKED = "reporting.maps-checked"


async def territories_now(session: AsyncSession) -> Territories:
    """On which maps municipalities count with others; counts again first where that changed."""
    if MAPS_CHECKED not in session.info:
        session.info[MAPS_CHECKED] = True
        await keep_maps(session)
    return await territory_rows.counted_with(session)


async def keep_maps(session: AsyncSession) -> None:
    """Compare the register with what counts assume, and count again what is concerned."""
    state = await territory_rows.register_state(session)
    if (await territory_rows.assumed(session))[0] == state:
        return
    _, before = await territory_rows.assumed(session, locked=True)
    after = territories(await territory_rows.register(session))
    await territory_rows.keep(session, state, after)
    concerned = {
        municipality
        for municipality in {*before, *after}
        if list(map(tuple, before.get(municipality, ())))
        != list(map(tuple, after.get(municipality, ())))
    }
    if concerned:
        await _count_again(session, concerned, before, after)


async def _count_again(
    session: AsyncSession, concerned: Collection[str], before: Territories, after: Territories
) -> None:
    """Take out what people and schools counted for on the old maps, put in what they do now."""
    evidence: list[Evidence] = []
    refs = await evidence_rows.pupils_in(session, concerned)
    cases = await evidence_rows.cases_locked(session, refs) if refs else {}
    evidence += [evidence_of(case) for case in cases.values()]
    people = await evidence_rows.staff_in(session, concerned)
    if people:
        await evidence_rows.lock_staff(session, people)
        work = await evidence_rows.work_of(session, people)
        evidence += staff_evidence(work, await pedagogues(session)).values()
    into = changes_of(session)
    for one in evidence:
        into.add_sums(*(dict.fromkeys(standing(one, maps), 1) for maps in (before, after)))
    schools = await aggregate_rows.schools_in(session, concerned)
    involved = dict(await aggregate_rows.involved_cells(session, schools))
    into.add_sums(*(Counter(school_cells(involved, maps)) for maps in (before, after)))
