"""The books a batch of claims is decided by, and what a decision is. Pure; sums are cents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.payments.claims.evidence import OF_CONSULTATION, OF_PREPARATION, OF_VOUCHER, ClaimLine
from services.payments.days.claiming import DaysPaid
from services.payments.days.domain import Asked, DayBooks
from services.payments.domain import (
    PREPARATION,
    Consultation,
    Measure,
    Plan,
    PlanVersion,
    month_to_claim,
)
from services.payments.evidence.domain import Piece, Taken
from services.payments.ledger.domain import Ledger, Line, LineKey, Place
from services.payments.refusals import LineRefused
from services.payments.rulebook import Rulebook
from services.payments.vouchers.domain import Voucher
from shared.calendar import month_of

PREPARATION_MEASURE = Measure(PREPARATION, PREPARATION, "in_kind", None)


@dataclass
class ClaimBooks:
    """Everything a batch of claims is decided by; changed as its lines are accepted.

    `schools` and `offices` are those the person who enters the claims may claim for, `paid`
    evidence already paid here, `elsewhere` what another cell holds, `taken` the claim ids already
    used, `named_places` where plans are that share a month with others.
    """

    plans: Mapping[str, Plan]
    ledger: Ledger
    rules: Rulebook
    days: DayBooks
    payees: Mapping[tuple[str, str], str]
    consultations: Mapping[str, Consultation]
    earned: Mapping[str, tuple[int, date]]
    today: date
    schools: frozenset[str]
    offices: frozenset[str]
    prepared: dict[str, int] = field(default_factory=dict)
    paid: Taken = field(default_factory=Taken)
    elsewhere: Taken = field(default_factory=Taken)
    taken: set[str] = field(default_factory=set)
    named_places: Mapping[str, Place] = field(default_factory=dict)
    vouchers: Mapping[str, Voucher] = field(default_factory=dict)
    _bounds: dict[str, tuple[date, date] | None] = field(default_factory=dict)

    def voucher_behind(self, claim: ClaimLine) -> Voucher | None:
        """The voucher a claim names as its evidence, if it was issued here."""
        if not self.vouchers or claim.evidence.kind is not OF_VOUCHER:
            return None
        return self.vouchers.get(claim.evidence.number or "")

    def place_of(self, plan_id: str) -> Place:
        """Where a plan is; its school has its name where that will be read."""
        return self.named_places.get(plan_id) or self.plans[plan_id].place

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
    piece: Piece | None
    payee_kind: str
    cut: LineRefused | None
    days: DaysPaid
    asked: Asked | None


def most_wanted(claims: Iterable[ClaimLine], books: ClaimBooks) -> dict[LineKey, int]:
    """At most so many cents the claims want of each line of the ledger."""
    wanted: dict[LineKey, int] = defaultdict(int)
    for claim in claims:
        measure_id, month = _measure_and_month(claim, books)
        if month is not None and claim.plan_id in books.plans:
            wanted[claim.plan_id, measure_id, month] += claim.cents
    return wanted


def _measure_and_month(claim: ClaimLine, books: ClaimBooks) -> tuple[str, str | None]:
    """The measure a claim is for, whether or not its plan has it, and its month, if it has one."""
    evidence = claim.evidence
    if evidence.kind is OF_PREPARATION:
        earned = books.earned.get(claim.plan_id)
        return PREPARATION, month_of(earned[1]) if earned else None
    if evidence.kind is OF_CONSULTATION:
        held = books.consultations.get(evidence.consultation_id or "")
        return (held.measure_id, month_of(held.held_on)) if held else ("", None)
    measure_id = claim.measure_id or ""
    voucher = books.voucher_behind(claim)
    if voucher is not None and voucher.served_on is not None:
        return measure_id, month_of(voucher.served_on)
    day = claim.days[0] if claim.days else claim.service_date
    return measure_id, month_of(day) if day else claim.month


def months_held_against_days(wished: Iterable[LineKey], books: ClaimBooks) -> set[tuple[str, str]]:
    """The pupils' months of measures of types that are bound to days; most often there are few."""
    types = books.days.types()
    found: set[tuple[str, str]] = set()
    for plan_id, measure_id, month in wished:
        plan = books.plans[plan_id]
        for version in plan.versions:
            measure = version.measures.get(measure_id)
            if measure is not None and measure.support_type in types:
                found.add((plan.pupil_ref, month))
    return found
