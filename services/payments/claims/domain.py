"""The decision on a claim, line by line over books held in memory. Pure; sums are cents."""

from datetime import date

from services.payments.claims.books import PREPARATION_MEASURE, ClaimBooks, Delivered, Payable
from services.payments.claims.evidence import OF_CONSULTATION, OF_PREPARATION, ClaimLine, paper_of
from services.payments.claims.fitting import both, fitting
from services.payments.claims.limits import check_limits, voucher_of
from services.payments.days.claiming import DaysPaid, Wanted, days_paid
from services.payments.days.domain import Asked
from services.payments.days.reasons import Why
from services.payments.domain import Consultation, Plan, preparation_left
from services.payments.evidence.domain import Piece
from services.payments.ledger.domain import Line
from services.payments.refusals import LineRefused
from services.payments.vouchers.domain import Voucher
from shared.calendar import month_of
from shared.money import euro


def payable(claim: ClaimLine, digest: bytes | None, books: ClaimBooks) -> Payable:
    """Decide one claim and book it; raises LineRefused with the reason, and books nothing.

    `digest` is that of the claim's evidence.
    """
    if claim.claim_id in books.taken:
        raise LineRefused("claim-repeated")
    plan = books.plans.get(claim.plan_id)
    if plan is None:
        raise LineRefused("plan-unknown")
    if plan.school_id not in books.schools and plan.partner not in books.offices:
        raise LineRefused("outside-your-organisation")
    delivered = _delivered(claim, plan, books)
    voucher = _check_claim(claim, delivered, books)
    piece = None if digest is None else Piece(digest, paper_of(claim.evidence))
    _check_unpaid(piece, books)
    payee_kind = books.payees.get((plan.partner, claim.payee_id))
    if payee_kind is None:
        raise LineRefused("payee-unknown")
    days, asked = _days(claim, delivered, voucher, books)
    if days.last is not None and days.last != delivered.day:
        version = plan.version_on(days.last) or delivered.version
        delivered = delivered._replace(day=days.last, version=version)
    line = _line(delivered, books)
    cents, cut = fitting(
        books.ledger,
        line,
        days.cents,
        rules=books.rules,
        today=books.today,
        place_of=books.place_of,
    )
    books.ledger.order(line, cents)
    _remember(claim, delivered, piece, cents, books)
    return Payable(delivered, line, cents, piece, payee_kind, both(days.cut, cut), days, asked)


def _check_unpaid(piece: Piece | None, books: ClaimBooks) -> None:
    """Neither the evidence, nor the paper of which it is a line, nor a line of it was paid."""
    if piece is None:
        return
    if books.paid.holds(piece):
        raise LineRefused("evidence-already-paid")
    if books.elsewhere.holds(piece):
        raise LineRefused("evidence-paid-elsewhere")


def _remember(
    claim: ClaimLine, delivered: Delivered, piece: Piece | None, cents: int, books: ClaimBooks
) -> None:
    """Later lines of the batch see what this one took."""
    if claim.claim_id is not None:
        books.taken.add(claim.claim_id)
    if piece is not None:
        books.paid.take(piece)
    if delivered.measure is PREPARATION_MEASURE:
        plan_id = delivered.plan.plan_id
        books.prepared[plan_id] = books.prepared.get(plan_id, 0) + cents


def _delivered(claim: ClaimLine, plan: Plan, books: ClaimBooks) -> Delivered:
    """Find the day of service and the measure of the version in force on it."""
    if claim.evidence.kind is OF_PREPARATION:
        return _prepared(claim, plan, books)
    measure_id = claim.measure_id
    if claim.evidence.kind is OF_CONSULTATION:
        held = _consultation(claim, books)
        measure_id, day = held.measure_id, held.held_on
    else:
        day = _service_day(claim, plan, books)
        if claim.days and len({month_of(one) for one in claim.days}) > 1:
            raise LineRefused("days-in-two-months")
    month = month_of(day)
    if claim.month is not None and claim.month != month:
        raise LineRefused("month-differs")
    _check_day(day, books)
    version = plan.version_on(day)
    if version is None:
        still = plan.is_suspended_on(day)
        why = Why.SUSPENDED if still else Why.NOT_IN_FORCE
        raise LineRefused("plan-not-in-force", day=day.isoformat(), why=why.value)
    measure = version.measures.get(measure_id or "")
    if measure is None:
        raise LineRefused("measure-not-in-plan", measures=list(version.measures))
    return Delivered(plan, version, measure, day, month)


def _prepared(claim: ClaimLine, plan: Plan, books: ClaimBooks) -> Delivered:
    """Preparation is delivered on the day its hours were released, whatever the plan's dates."""
    minutes, day = books.earned.get(plan.plan_id, (0, None))
    if plan.deleted or day is None:
        raise LineRefused("preparation-not-earned", left_eur=euro(0))
    left = preparation_left(
        minutes,
        cents_max=plan.preparation_cents_max,
        ordered=books.prepared.get(plan.plan_id, 0),
    )
    if claim.cents > left:
        raise LineRefused("preparation-not-earned", left_eur=euro(left))
    _check_day(day, books)
    return Delivered(plan, plan.versions[-1], PREPARATION_MEASURE, day, month_of(day))


def _consultation(claim: ClaimLine, books: ClaimBooks) -> Consultation:
    """The confirmed consultation a claim names; it must be the one the claim describes."""
    if claim.evidence.consultation_id is None:
        raise LineRefused("evidence-incomplete", missing="consultation_id")
    held = books.consultations.get(claim.evidence.consultation_id)
    if held is None:
        raise LineRefused("consultation-unknown")
    if (
        held.plan_id != claim.plan_id
        or claim.measure_id not in (None, held.measure_id)
        or claim.service_date not in (None, held.held_on)
    ):
        raise LineRefused("consultation-differs")
    return held


def _service_day(claim: ClaimLine, plan: Plan, books: ClaimBooks) -> date:
    """The day claimed; of several or a month the last one on which the plan was in force."""
    voucher = books.voucher_behind(claim)
    if voucher is not None and voucher.served_on is not None:
        return voucher.served_on
    if claim.service_date is not None:
        return claim.service_date
    if claim.days:
        due = [day for day in claim.days if day <= books.today and plan.version_on(day)]
        return max(due or claim.days)
    if claim.month is None:
        raise LineRefused("service-day-missing")
    bounds = books.days_to_claim(claim.month)
    if bounds is None:
        raise LineRefused("service-in-future")
    day = plan.last_day_in_force(*bounds)
    if day is None:
        raise LineRefused("plan-not-in-force", day=claim.month)
    return day


def _check_day(day: date, books: ClaimBooks) -> None:
    """Nothing is paid before it is delivered, and nothing after the project's end."""
    if day > books.today:
        raise LineRefused("service-in-future")
    end = books.rules.project_end(day)
    if end is not None and day > end:
        raise LineRefused("project-ended", end=end.isoformat())


def _check_claim(claim: ClaimLine, delivered: Delivered, books: ClaimBooks) -> Voucher | None:
    """The evidence must fit type, pupil and rates; gives the voucher behind the claim, if any."""
    plan, version, measure, day, _ = delivered
    dated = claim.evidence.dated
    if dated is not None and dated > books.today:
        raise LineRefused("evidence-in-future", dated=dated.isoformat())
    held = books.consultations.get(claim.evidence.consultation_id or "")
    check_limits(claim, plan, version, measure, day=day, rules=books.rules, held=held)
    return voucher_of(claim, plan, books.vouchers, books.rules, day=day)


def _days(
    claim: ClaimLine, delivered: Delivered, voucher: Voucher | None, books: ClaimBooks
) -> tuple[DaysPaid, Asked | None]:
    """What of the claim falls on days that can be paid; types bound to no day ask nothing."""
    plan, measure = delivered.plan, delivered.measure
    rules = books.days.rules_for(plan, delivered.day)
    if not rules.concern(measure.support_type) and not claim.days:
        return DaysPaid(claim.cents), None
    own = None if voucher is None else voucher.voucher_no
    asked = Asked(plan, measure.measure_id, measure.support_type, rules, own)
    wanted = Wanted(
        claim.cents, _days_named(claim, voucher), delivered.day, claim.evidence.quantity
    )
    return days_paid(wanted, asked, books.days), asked


def _days_named(claim: ClaimLine, voucher: Voucher | None) -> tuple[date, ...]:
    """The days a claim names itself, or its voucher does."""
    if voucher is not None and voucher.served_on is not None:
        return (voucher.served_on,)
    if claim.days:
        return claim.days
    return () if claim.service_date is None else (claim.service_date,)


def _line(delivered: Delivered, books: ClaimBooks) -> Line:
    """The ledger's line of the measure in the month, opened where the plan had none."""
    plan, measure, month = delivered.plan, delivered.measure, delivered.month
    line = books.ledger.lines.get((plan.plan_id, measure.measure_id, month))
    if line is None:
        line = books.ledger.add(
            Line(
                plan_id=plan.plan_id,
                measure_id=measure.measure_id,
                month=month,
                pupil_ref=plan.pupil_ref,
                support_type=measure.support_type,
                under_ceiling=books.rules.under_ceiling(measure.support_type, month),
                plan_version=delivered.version.number,
            )
        )
    if line.under_ceiling:
        books.ledger.open_month(plan.pupil_ref, month, books.rules.cap_cents(month))
    return line
