"""Counts what identification says: pupils named at risk, and pupils who came from elsewhere."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import evidence_rows
from services.reporting.ledger import changes_of
from services.reporting.mapping import territories_now
from services.reporting.pupil_cases import PupilCase, evidence_of, whole_change
from shared.contracts.base import Received
from shared.contracts.identification import PupilCleared, PupilFact, PupilMoved, PupilNamed


async def count_pupil_facts(session: AsyncSession, received: Sequence[Received[PupilFact]]) -> None:
    """Let the pupils' cases take facts in and count what follows."""
    cases = await evidence_rows.cases_locked(session, (r.fact.pupil_ref for r in received))
    merged = await territories_now(session)
    settings = session.info["settings"]
    changed: dict[str, PupilCase] = {}
    for fact in (r.fact for r in received):
        case = cases[fact.pupil_ref]
        if fact.version <= case.version:
            continue
        before = evidence_of(case)
        _take(case, fact, settings)
        case.version = fact.version
        changed[case.pupil_ref] = case
        whole_change(case, before, merged, into=changes_of(session))
    await evidence_rows.keep_cases(session, changed.values())


def _take(case: PupilCase, fact: PupilFact, settings: Any) -> None:
    """One fact into the case; a move inside what we serve is seen in the evidence itself."""
    if isinstance(fact, PupilNamed):
        case.named_by(fact)
    elif isinstance(fact, PupilCleared):
        case.cleared_by(fact)
    elif isinstance(fact, PupilMoved) and not settings.serves_partner(fact.from_partner):
        # A new list: the evidence before keeps the old one.
        case.arrivals = sorted({*case.arrivals, fact.valid_from.isoformat()})
