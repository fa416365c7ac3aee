"""Counts what plans say: plans, pupils involved and supported, staff, results."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import evidence_rows, staffing
from services.reporting.delivered import Support
from services.reporting.domain import Place
from services.reporting.ledger import changes_of
from services.reporting.mapping import territories_now
from services.reporting.membership import Changes, Territories
from services.reporting.plan_files import Effect, PlanFile, item_of, sums_of, tell
from services.reporting.pupil_cases import PupilCase, files_change
from services.reporting.staff_rules import CONSULTED, PREPARED
from shared.calendar import TIMEZONE
from shared.contracts.base import Received
from shared.contracts.plans import ConsultationConfirmed, PlanApproved, PlanDeleted, PlanFact

Change = Callable[[PlanFile], Effect]
"""Changes a plan's file; says what that can change in the counts."""


def day_of(received: Received[Any]) -> str:
    """The day in Riga on which a fact became true."""
    return _day(received.at)


@lru_cache(maxsize=1024)
def _day(at: datetime) -> str:
    return at.astimezone(TIMEZONE).date().isoformat()


async def count_plan_facts(session: AsyncSession, received: Sequence[Received[PlanFact]]) -> None:
    """Let plans take facts in and count what follows."""
    changes: list[tuple[PlanFile, Change]] = [
        (unheard(r.fact), _telling(r.fact, day_of(r))) for r in received
    ]
    await change_files(session, changes, sums=True)
    await _count_preparers(session, [r.fact for r in received])


def _telling(fact: PlanFact, day: str) -> Change:
    return lambda file: tell(file, fact, on=day)


def unheard(fact: PlanFact) -> PlanFile:
    """The file of a plan nothing was heard of."""
    place = Place(fact.school_id, fact.partner, fact.municipality_id)
    return PlanFile(fact.plan_id, fact.pupil_ref, fact.semester, place)


async def _count_preparers(session: AsyncSession, facts: Iterable[PlanFact]) -> None:
    """Who prepared an approved plan works in the programme; a deleted plan nobody worked on."""
    prepared, deleted = [], []
    for fact in facts:
        if isinstance(fact, PlanApproved):
            place = (fact.preparer_school_id, fact.partner, fact.municipality_id)
            who = (fact.preparer_ref, fact.plan_id, PREPARED, fact.preparer_kind)
            prepared.append((*who, fact.semester, *place, fact.approved_on.isoformat()))
        elif isinstance(fact, PlanDeleted):
            deleted.append(fact.plan_id)
    await staffing.note_work(session, prepared, deleted_plans=deleted)


async def count_consultations(
    session: AsyncSession, received: Sequence[Received[ConsultationConfirmed]]
) -> None:
    """Count confirmed consultations as support of the pupil and work of the provider."""
    told = [(r.fact.consultation_id, r.fact.plan_id) for r in received]
    new = set(await evidence_rows.new_consultations(session, told))
    changes: list[tuple[PlanFile, Change]] = []
    works = []
    for fact in (r.fact for r in received):
        if fact.consultation_id not in new:
            continue
        new.discard(fact.consultation_id)
        day = fact.held_on.isoformat()
        support = Support("consultation", day[:7], fact.provider_kind, day)
        changes.append((unheard(fact), support))
        who = (fact.provider_ref, fact.plan_id, CONSULTED, fact.provider_kind)
        place = (fact.school_id, fact.partner, fact.municipality_id)
        works.append((*who, fact.semester, *place, day))
    await change_files(session, changes, sums=False)
    await staffing.note_work(session, works)


async def change_files(
    session: AsyncSession, changes: Sequence[tuple[PlanFile, Change]], *, sums: bool
) -> None:
    """Change plans' files and count what follows; a plan not known begins with the file given.

    `sums`: whether the changes can alter what the plans add to sums, not people alone.
    """
    if not changes:
        return
    cases = await evidence_rows.cases_locked(session, (file.pupil_ref for file, _ in changes))
    merged = await territories_now(session)
    into = changes_of(session)
    by_pupil: dict[str, list[tuple[PlanFile, Change]]] = {}
    for blank, change in changes:
        by_pupil.setdefault(blank.pupil_ref, []).append((blank, change))
    changed: list[PlanFile] = []
    for pupil_ref, own in by_pupil.items():
        changed += _change_case(cases[pupil_ref], own, merged, into, sums=sums)
    await evidence_rows.keep_files(session, changed)


def _change_case(
    case: PupilCase,
    changes: Sequence[tuple[PlanFile, Change]],
    merged: Territories,
    into: Changes,
    *,
    sums: bool,
) -> list[PlanFile]:
    """Change plans of one pupil; gives those that are others now."""
    files = {blank.plan_id: case.files.setdefault(blank.plan_id, blank) for blank, _ in changes}
    if all(isinstance(c, Support) and c.repeats(files[blank.plan_id]) for blank, c in changes):
        for blank, change in changes:
            change(files[blank.plan_id])
        return list(files.values())
    items = {plan_id: item_of(file) for plan_id, file in files.items()}
    added = {plan_id: sums_of(file) for plan_id, file in files.items()} if sums else {}
    effects: dict[str, Effect] = {}
    for blank, change in changes:
        effect = change(files[blank.plan_id])
        effects[blank.plan_id] = max(effect, effects.get(blank.plan_id, Effect.NONE))
    counting = {p: items[p] for p, effect in effects.items() if effect >= Effect.PEOPLE}
    if counting:
        files_change(case, counting, merged, into=into)
    for plan_id, before in added.items():
        into.add_sums(before, sums_of(files[plan_id]))
    return [files[plan_id] for plan_id, effect in effects.items() if effect is not Effect.NONE]
