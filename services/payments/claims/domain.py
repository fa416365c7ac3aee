"""The decision on a claim, line by line over books held in memory. Pure; sums are cents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.payments.claims.evidence import (
    ClaimLine,
    EvidenceKind,
    check_kind,
    check_transport,
)
from services.payments.claims.fitting import fitting
from services.payments.domain import (
    PREPARATION,
    Consultation,
    Measure,
    Plan,
    PlanVersion,
    month_to_claim,
    preparation_left,
)
from services.payments.ledger.domain import Ledger, Line, LineKey, Place
from services.payments.refusals import LineRefused
from services.payments.rulebook import (
    TRANSPORT_SCOPE,
    UNIT_CENTS_MAX,
    Rulebook,
)
from shared.calendar import month_of
from shared.money import euro

PREPARATION_MEASURE = Measure(PREPARATION, PREPARATION, "in_kind", None)


@dataclass
class ClaimBooks:
    """Everything a batch of claims is decided by; changed as its lines are accepted.

    `schools` and `offices` are those the person who enters the claims may claim for, `paid` the
    digests of evidence already paid here, `elsewhere` those that another cell holds, `taken` the
    claim ids already used, `places` where the plans are.
    """

    plans: Mapping[str, Plan]
    ledger: Ledger
    rules: Rulebook
    payees: Mapping[tuple[str, str], str]
    consultations: Mapping[str, Consultation]
    earned: Mapping[str, tuple[int, date]]
    today: date
    schools: frozenset[str]
    offices: frozenset[str]
    prepared: dict[str, int] = field(default_factory=dict)
    paid: set[bytes] = field(default_factory=set)
    elsewhere: set[bytes] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)
    _bounds: dict[str, tuple[date, date] | None] = field(default_factory=dict)

    def days_to_claim(self, month: str) -> tuple[date, date] | None:
        """First and last day of a month that can be claimed today, if any."""
        if month not in self._bounds:
            self._bounds[month] = month_to_claim(month, today=self.today)
        return self._bounds[month]


class Delivered(NamedTuple):
    """Which measure of which version was delivered on which day of which month."""

    plan: Plan
    version: PlanVersion
    measure: Measure
    day: date
    month: str


class Payable(NamedTuple):
    """What of a claim becomes an order, under which line of the ledger."""

    delivered: Delivered
    line: Line
    cents: int
    digest: bytes | None
    payee_kind: str
    cut: LineRefused | None


def most_wanted(claims: Iterable[ClaimLine], books: ClaimBooks) -> dict[LineKey, int]:
    """At most so many cents the claims want of each line of the ledger."""
    wanted: dict[LineKey, int] = defaultdict(int)
    for claim in claims:
        month = _month_named(claim, books)
        if month is not None and claim.plan_id in books.plans:
            wanted[claim.plan_id, _measure_named(claim, books), month] += claim.cents
    return wanted


def _measure_named(claim: ClaimLine, books: ClaimBooks) -> str:
    """The measure a claim is for, whether or not its plan has it."""
    kind, measure_id = claim.evidence.kind, claim.measure_id or ""
    if kind is EvidenceKind.PREPARATION:
        return PREPARATION
    if kind is EvidenceKind.CONSULTATION:
        held = books.consultations.get(claim.evidence.consultation_id or "")
        return held.measure_id if held else measure_id
    return measure_id


def _month_named(claim: ClaimLine, books: ClaimBooks) -> str | None:
    """The month a claim falls into, if it is paid at all."""
    kind = claim.evidence.kind
    if kind is EvidenceKind.PREPARATION:
        earned = books.earned.get(claim.plan_id)
        return month_of(earned[1]) if earned else None
    if kind is EvidenceKind.CONSULTATION:
        held = books.consultations.get(claim.evidence.consultation_id or "")
        return month_of(held.held_on) if held else None
    return month_of(claim.service_date) if claim.service_date else claim.month


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
    _check_evidence(claim, delivered, books)
    if digest in books.paid:
        raise LineRefused("evidence-already-paid")
    if digest in books.elsewhere:
        raise LineRefused("evidence-paid-elsewhere")
    payee_kind = books.payees.get((plan.partner, claim.payee_id))
    if payee_kind is None:
        raise LineRefused("payee-unknown")
    line = _line(delivered, books)
    cents, cut = fitting(
        books.ledger,
        line,
        claim.cents,
        rules=books.rules,
        today=books.today,
        places=books.places,
    )
    books.ledger.order(line, cents)
    _remember(claim, delivered, digest, cents, books)
    return Payable(delivered, line, cents, digest, payee_kind, cut)


def _remember(
    claim: ClaimLine, delivered: Delivered, digest: bytes | None, cents: int, books: ClaimBooks
) -> None:
    """Later lines of the batch see what this one took."""
    if claim.claim_id is not None:
        books.taken.add(claim.claim_id)
    if digest is not None:
        books.paid.add(digest)
    if delivered.measure is PREPARATION_MEASURE:
        plan_id = delivered.plan.plan_id
        books.prepared[plan_id] = books.prepared.get(plan_id, 0) + cents


def _delivered(claim: ClaimLine, plan: Plan, books: ClaimBooks) -> Delivered:
    """Find the day of service and the measure of the version in force on it."""
    if claim.evidence.kind is EvidenceKind.PREPARATION:
        return _prepared(claim, plan, books)
    measure_id = claim.measure_id
    if claim.evidence.kind is EvidenceKind.CONSULTATION:
        held = _consultation(claim, books)
        measure_id, day = held.measure_id, held.held_on
    else:
        day = _service_day(claim, plan, books)
    month = month_of(day)
    if claim.month is not None and claim.month != month:
        raise LineRefused("month-differs")
    _check_day(day, books)
    version = plan.version_on(day)
    if version is None:
        raise LineRefused("plan-not-in-force", day=day.isoformat())
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
    """The day claimed; of a whole month the last day on which the plan was in force."""
    if claim.service_date is not None:
        return claim.service_date
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


def _check_evidence(claim: ClaimLine, delivered: Delivered, books: ClaimBooks) -> None:
    """The evidence must fit the type, the place's rules and the unit's rate."""
    support_type = delivered.measure.support_type
    check_kind(claim.evidence, support_type)
    plan = delivered.plan
    places = plan.school_id, plan.partner, plan.municipality_id
    if support_type == "public_transport":
        scope = books.rules.value(TRANSPORT_SCOPE, delivered.day, *places)
        check_transport(claim.evidence, scope)
    _check_rate(claim, support_type, books.rules.find(UNIT_CENTS_MAX, delivered.day, *places))


def _check_rate(claim: ClaimLine, support_type: str, most: Mapping[str, int] | None) -> None:
    """Where a place has a rate for the unit, quantity times rate is the most that is paid."""
    rate = (most or {}).get(support_type)
    if rate is None:
        return
    if claim.evidence.quantity is None:
        raise LineRefused("evidence-incomplete", missing="quantity")
    if claim.cents > rate * claim.evidence.quantity:
        raise LineRefused(
            "above-unit-rate",
            quantity=claim.evidence.quantity,
            most_eur=euro(rate * claim.evidence.quantity),
        )


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
