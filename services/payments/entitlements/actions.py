"""What approved plans do to money: reserve under the ceiling and from the allocation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.allocations import store as allocation_rows
from services.payments.domain import REVISED, Plan, PlanVersion, ended_before, first_day_of
from services.payments.entitlements import approvals
from services.payments.entitlements import store as plan_rows
from services.payments.entitlements.store import NewVersion
from services.payments.ledger import store as ledger_rows
from services.payments.ledger.domain import Ledger, Line, Reserved
from services.payments.ledger.months import CEILING_FULL
from services.payments.rulebook import Rulebook
from services.payments.shares.saving import save
from services.payments.store import lock_beneficiaries
from shared.bus.outbox import publish
from shared.contracts.base import Fact, Received
from shared.contracts.payments import (
    EntitlementGranted,
    EntitlementRefused,
    MonthRoom,
)
from shared.contracts.plans import (
    ConsultationConfirmed,
    PlanApproved,
    PlannedMeasure,
    PreparationEarned,
)


@dataclass
class _Granting:
    """What a batch of approvals changes, gathered while its facts are gone through in order."""

    ledger: Ledger
    rules: Rulebook
    versions: dict[str, list[PlanVersion]]
    new_versions: list[NewVersion] = field(default_factory=list)
    ended: list[tuple[str, int, date, str]] = field(default_factory=list)
    told: list[Fact] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)

    def tell(self, at: datetime, *facts: Fact) -> None:
        """Add facts to say, true since the fact they follow from."""
        self.told += facts
        self.times += [at] * len(facts)


async def grant_entitlements(
    session: AsyncSession, approved: Sequence[Received[PlanApproved]]
) -> None:
    """Reserve the months of approved versions, and tell the outcome.

    The pupils' ceilings and the partners' allocations must have room. A new version frees what the
    one before had reserved and not spent; what does not fit is cut and told. A version that is
    known is not applied again. What another cell has of a month is asked for.
    """
    facts = [received.fact for received in approved]
    await lock_beneficiaries(session, (fact.pupil_ref for fact in facts))
    held = await plan_rows.held_plans(session, (fact.plan_id for fact in facts))
    pairs = {(f.pupil_ref, p.month) for f in facts for m in f.measures for p in m.planned}
    rules = await ledger_rows.load_rulebook(session)
    ledger = await ledger_rows.load_ledger(session, pairs, (fact.plan_id for fact in facts))
    ledger.draws_on = {fact.plan_id: (fact.partner, fact.semester) for fact in facts}
    ledger.draws_on |= {plan_id: h.plan.draws_on for plan_id, h in held.items()}
    ledger.held = await allocation_rows.hold_allocations(session, ledger.draws_on.values(), rules)
    granting = _Granting(
        ledger=ledger,
        rules=rules,
        versions={plan_id: list(h.plan.versions) for plan_id, h in held.items()},
    )
    applied = [r for r in approved if _grant(granting, r)]
    await plan_rows.keep_plans(session, (received.fact for received in applied))
    # A version may begin and end in one batch, so what ends is ended after all are written.
    await plan_rows.keep_versions(session, granting.new_versions)
    await plan_rows.end_versions(session, granting.ended)
    await approvals.note_last(session, applied)
    await save(session, granting.ledger, at=max(received.at for received in approved))
    await publish(session, granting.told, at=granting.times)


def _grant(granting: _Granting, received: Received[PlanApproved]) -> bool:
    """Apply one approval; False where it was applied before."""
    fact = received.fact
    versions = granting.versions.setdefault(fact.plan_id, [])
    if any(version.number >= fact.plan_version for version in versions):
        return False
    _add_version(granting, versions, received)
    for line in granting.ledger.lines_of_plan(fact.plan_id):
        granting.ledger.release(line)
        line.planned = 0
    reserved = [wish for measure in fact.measures for wish in _reserve(granting, fact, measure)]
    cut = [wish for wish in reserved if wish.refused]
    granting.tell(received.at, *(refused(fact, wish) for wish in cut))
    granting.tell(received.at, _granted(granting.ledger, fact, reserved))
    return True


def _add_version(
    granting: _Granting, versions: list[PlanVersion], received: Received[PlanApproved]
) -> None:
    """Put the new version in force and end those before it."""
    fact = received.fact
    first = first_day_of(
        fact.plan_version,
        valid_from=fact.valid_from,
        approved_on=fact.approved_on,
        before=versions,
    )
    for ended in ended_before(versions, first):
        versions[:] = [ended if v.number == ended.number else v for v in versions]
        granting.ended.append((fact.plan_id, ended.number, ended.last_day, REVISED))
    versions.append(PlanVersion(fact.plan_version, first, fact.valid_to, {}))
    granting.new_versions.append(plan_rows.new_version(fact, first, at=received.at))


def _reserve(granting: _Granting, fact: PlanApproved, measure: PlannedMeasure) -> list[Reserved]:
    """Reserve each month of a measure, as far as there is room."""
    ledger, rules = granting.ledger, granting.rules
    wishes = []
    for planned in measure.planned:
        line = ledger.lines.get((fact.plan_id, measure.measure_id, planned.month))
        if line is None:
            line = ledger.add(_new_line(fact, measure, planned.month, rules))
        line.plan_version = fact.plan_version
        if line.under_ceiling:
            cap = rules.cap_cents(planned.month)
            month = ledger.open_month(fact.pupil_ref, planned.month, cap)
            if month.goes_to is not None:
                ledger.ask(month)
        wishes.append(ledger.reserve(line, planned.cents))
    return wishes


def _new_line(fact: PlanApproved, measure: PlannedMeasure, month: str, rules: Rulebook) -> Line:
    """The line of a measure and month that no version had before."""
    return Line(
        plan_id=fact.plan_id,
        measure_id=measure.measure_id,
        month=month,
        pupil_ref=fact.pupil_ref,
        support_type=measure.support_type.value,
        under_ceiling=rules.under_ceiling(measure.support_type.value, month),
        plan_version=fact.plan_version,
    )


def _granted(ledger: Ledger, fact: PlanApproved, wishes: Sequence[Reserved]) -> EntitlementGranted:
    """What was reserved of the version as a whole, and how the pupil's months stand now."""
    keys = sorted({(fact.pupil_ref, wish.line.month) for wish in wishes} & ledger.months.keys())
    return EntitlementGranted(
        about_key=fact.pupil_ref,
        partner=fact.partner,
        municipality_id=fact.municipality_id,
        plan_id=fact.plan_id,
        plan_version=fact.plan_version,
        reserved_cents=sum(wish.reserved for wish in wishes),
        refused_cents=sum(wish.refused for wish in wishes),
        rooms=tuple(
            MonthRoom(
                month=stands.month,
                cap_cents=stands.cap,
                reserved_cents=stands.reserved,
                ordered_cents=stands.ordered,
            )
            for stands in (ledger.months[key] for key in keys)
        ),
    )


def refused(plan: PlanApproved | Plan, wish: Reserved) -> EntitlementRefused:
    """A month of a measure that did not fit, or not wholly."""
    return EntitlementRefused(
        about_key=plan.pupil_ref,
        partner=plan.partner,
        municipality_id=plan.municipality_id,
        plan_id=plan.plan_id,
        plan_version=wish.line.plan_version,
        measure_id=wish.line.measure_id,
        month=wish.line.month,
        reason_code=wish.room.reason or CEILING_FULL,
        asked_cents=wish.asked,
        room_left_cents=wish.room.cents,
        missing_cents=wish.refused,
    )


async def note_consultations(
    session: AsyncSession, confirmed: Sequence[Received[ConsultationConfirmed]]
) -> None:
    """Keep confirmed consultations: a claim for one needs it."""
    await plan_rows.note_consultations(session, (received.fact for received in confirmed))


async def note_preparations(
    session: AsyncSession, earned: Sequence[Received[PreparationEarned]]
) -> None:
    """Keep released hours of preparation: a claim for preparing needs them."""
    await plan_rows.note_preparations(session, (received.fact for received in earned))
