"""The consultation log: written down, confirmed by the pupil, taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import consultation_rows, ids, rights, telling
from services.plans.actions import Answer, Lines, Outcome, Work, decide, finish, load
from services.plans.consultation_rules import (
    REMOTE,
    AlreadyConfirmed,
    Cancelled,
    Consultation,
    ConsultationUnknown,
    HeadOrder,
    PlanStopped,
    WrongConfirmation,
    check_confirmation,
    check_day,
    check_free,
    consultation_measure,
    order_for,
)
from services.plans.content import UnknownProviderKind
from services.plans.domain import Action, Plan, State, WrongMove, move
from services.plans.forms import CancellationForm, ConfirmationForm, ConsultationForm
from services.plans.vocabulary import PROVIDER_KINDS
from shared.auth import Person
from shared.contracts.plans import PlanBegun


@dataclass
class Log:
    """What the consultation log needs besides the work."""

    work: Work
    orders: Sequence[HeadOrder]
    busy: dict[tuple[str, date], list[Consultation]]
    held: dict[str, Consultation]
    changed: dict[str, Consultation]


async def record_consultations(
    session: AsyncSession, lines: Lines[ConsultationForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Write down consultations that were held; they count once the pupil confirmed them."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    numbers = await consultation_rows.providers_locked(
        session, (line.provider_ref for _, line in lines)
    )
    log = Log(
        work=work,
        orders=await consultation_rows.head_orders_for(
            session, (line.plan_id for _, line in lines if line.mode == REMOTE)
        ),
        busy=await consultation_rows.neighbours(
            session, numbers, [line.held_on for _, line in lines]
        ),
        held={},
        changed={},
    )
    outcomes = decide(lines, lambda line: _record(log, line))
    await consultation_rows.keep_consultations(session, log.changed.values(), numbers)
    return outcomes


def _record(log: Log, form: ConsultationForm) -> Answer:
    """One consultation."""
    work = log.work
    plan = work.plan(form.plan_id)
    _must_record(work.by, plan, form.provider_ref)
    if form.provider_kind not in PROVIDER_KINDS:
        raise UnknownProviderKind(field="provider_kind", kind=form.provider_kind)
    content = work.in_force(plan)
    measure = consultation_measure(plan, content, form.measure_id, form.provider_kind)
    assert content is not None
    _must_run(plan)
    check_day(plan, content, work.stops.get(plan.plan_id, ()), form.held_on, today=work.today)
    new = _new(log, form, measure_id=measure.measure_id)
    for beside in (-1, 0, 1):
        day = form.held_on + timedelta(days=beside)
        check_free(new, log.busy.get((form.provider_ref, day), ()))
    log.busy.setdefault((form.provider_ref, form.held_on), []).append(new)
    log.changed[new.consultation_id] = new
    return new.consultation_id, {"measure_id": measure.measure_id}


def _new(log: Log, form: ConsultationForm, *, measure_id: str) -> Consultation:
    """A consultation as it is written down, with the order behind a remote one."""
    work, order = log.work, _order(log, form)
    return Consultation(
        consultation_id=ids.consultation_id(
            form.plan_id,
            form.provider_ref,
            f"{form.held_on}T{form.starts_at}",
            work.now.isoformat(),
        ),
        plan_id=form.plan_id,
        measure_id=measure_id,
        provider_ref=form.provider_ref,
        provider_kind=form.provider_kind,
        held_on=form.held_on,
        starts_at=form.starts_at.replace(tzinfo=None, microsecond=0),
        minutes=form.minutes,
        mode=form.mode,
        setting=form.setting,
        subject=form.subject,
        channel=form.channel,
        head_order_id=order.order_id if order else None,
        recorded_by=work.by.subject,
        recorded_at=work.now,
    )


def _must_record(person: Person, plan: Plan, provider_ref: str) -> None:
    """The school's people write down all, a specialist the own consultations; else OutsideScope."""
    grant = person.must(rights.RECORDERS, plan.school_id)
    if grant.staff_ref != provider_ref:
        person.must(rights.SCHOOL_READERS, plan.school_id)


def _must_run(plan: Plan) -> None:
    """Refuse to deliver by a plan that is over."""
    if plan.state in (State.INACTIVE, State.CLOSED):
        raise WrongMove(field="plan_id", state=plan.state.value, action="consult")


def _order(log: Log, form: ConsultationForm) -> HeadOrder | None:
    """The head's order behind a remote consultation."""
    if form.mode != REMOTE:
        return None
    return order_for(log.orders, form.plan_id, form.provider_ref, form.channel, form.held_on)


async def confirm_consultations(
    session: AsyncSession, lines: Lines[ConfirmationForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Note the pupils' confirmations; each is told, and the first begins the plan."""
    log = await _log_of(session, (line.consultation_id for _, line in lines), by, now)
    outcomes = decide(lines, lambda line: _confirm(log, line))
    await finish(session, log.work)
    await consultation_rows.keep_confirmations(session, log.changed.values())
    return outcomes


async def _log_of(
    session: AsyncSession, consultation_ids: Iterable[str], by: Person, now: datetime
) -> Log:
    """Consultations with their plans, all locked: pupils, plans, consultations."""
    wanted = list(consultation_ids)
    plan_ids = await consultation_rows.plan_ids_of(session, wanted)
    work = await load(session, plan_ids, by=by, now=now)
    held = await consultation_rows.consultations_locked(session, wanted)
    remote = {one.plan_id for one in held.values() if one.mode == REMOTE}
    orders = await consultation_rows.head_orders_for(session, remote)
    return Log(work=work, orders=orders, busy={}, held=held, changed={})


def _held(log: Log, consultation_id: str) -> Consultation:
    """A consultation as it stands after the lines before; raises ConsultationUnknown."""
    if consultation_id not in log.held:
        raise ConsultationUnknown(field="consultation_id")
    return log.changed.get(consultation_id) or log.held[consultation_id]


def _confirm(log: Log, form: ConfirmationForm) -> Answer:
    """One confirmation."""
    work, held = log.work, _held(log, form.consultation_id)
    plan = work.plan(held.plan_id)
    _must_record(work.by, plan, held.provider_ref)
    _must_run(plan)
    school = work.rules.school(plan.school_id)
    tolerance = int(work.rules.value("confirmation_tolerance_days", held.held_on, *school.places))
    check_confirmation(
        held, form.kind, form.confirmed_on, tolerance_days=tolerance, today=work.today
    )
    _check_kind(log, held, form.kind)
    if any(stop.holds_on(held.held_on) for stop in log.work.stops.get(plan.plan_id, ())):
        raise PlanStopped(field="consultation_id")
    log.changed[held.consultation_id] = replace(
        held,
        confirmed_on=form.confirmed_on,
        confirmation_kind=form.kind,
        confirmed_by=work.by.subject,
        confirmed_at=work.now,
    )
    tell_confirmed(work, plan, held)
    return held.consultation_id, {"minutes": held.minutes}


def _check_kind(log: Log, held: Consultation, kind: str) -> None:
    """A head's order may name the ways in which pupils confirm what was remote."""
    for order in log.orders:
        kinds = order.confirmation_kinds
        if order.order_id == held.head_order_id and kinds and kind not in kinds:
            raise WrongConfirmation(field="kind", kinds=list(kinds))


def tell_confirmed(work: Work, plan: Plan, held: Consultation) -> None:
    """Tell the confirmation; the first support of an approved plan begins it."""
    before = plan
    if plan.state is State.APPROVED and plan.deletion_requested_at is None:
        plan = begin(work, plan)
    plan, fact = telling.confirmed(plan, held)
    work.put(before, plan, "confirm_consultation", fact)


def begin(work: Work, plan: Plan) -> Plan:
    """The plan in implementation, told and written down."""
    after = move(plan, Action.BEGIN, by=work.by.subject, now=work.now)
    after, fact = telling.told(
        after, PlanBegun, plan_version=plan.approved_version, begun_on=work.today
    )
    work.put(plan, after, Action.BEGIN, fact)
    return after


async def cancel_consultations(
    session: AsyncSession, lines: Lines[CancellationForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Take back consultations written down by mistake; a confirmed one stays."""
    log = await _log_of(session, (line.consultation_id for _, line in lines), by, now)
    outcomes = decide(lines, lambda line: _cancel(log, line))
    await consultation_rows.keep_cancellations(session, log.changed.values())
    return outcomes


def _cancel(log: Log, form: CancellationForm) -> Answer:
    """One consultation taken back; its time is free again."""
    held = _held(log, form.consultation_id)
    _must_record(log.work.by, log.work.plan(held.plan_id), held.provider_ref)
    if held.confirmed_on is not None:
        raise AlreadyConfirmed(field="consultation_id", on=held.confirmed_on.isoformat())
    if held.cancelled_at is not None:
        raise Cancelled(field="consultation_id")
    log.changed[held.consultation_id] = replace(held, cancelled_at=log.work.now)
    return held.consultation_id, {}
