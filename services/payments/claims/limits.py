"""What a place pays for a type of support, for a unit, an hour and a voucher, and to whom. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.payments.claims.evidence import OF_VOUCHER, ClaimLine, check_kind, check_transport
from services.payments.domain import Consultation, Measure, Plan, PlanVersion
from services.payments.refusals import LineRefused
from services.payments.rulebook import (
    CIRCLES,
    HOUR_CENTS_MAX,
    TRANSPORT_SCOPE,
    UNIT_CENTS_MAX,
    VOUCHERS_REGISTERED,
    Rulebook,
)
from services.payments.vouchers.domain import Voucher
from shared.money import euro


def check_limits(
    claim: ClaimLine,
    plan: Plan,
    version: PlanVersion,
    measure: Measure,
    *,
    day: date,
    rules: Rulebook,
    held: Consultation | None,
) -> None:
    """The evidence must fit the type, the pupil its circle, the sum the rates of the place."""
    support_type = measure.support_type
    check_kind(claim.evidence, support_type)
    places = plan.school_id, plan.partner, plan.municipality_id
    if support_type == "public_transport":
        check_transport(claim.evidence, rules.value(TRANSPORT_SCOPE, day, *places))
    _check_circle(version, rules.find(CIRCLES, day, *places), support_type)
    if held is not None:
        _check_hour(claim, held, rules.find(HOUR_CENTS_MAX, day, *places))
    _check_unit(claim, support_type, rules.find(UNIT_CENTS_MAX, day, *places))


def _check_circle(version: PlanVersion, circles: Any, support_type: str) -> None:
    """Where the circle of recipients of a type is narrowed, the pupil must belong to it."""
    circle = (circles or {}).get(support_type)
    if not circle:
        return
    groups, programmes = circle.get("risk_groups"), circle.get("programmes")
    if groups and not set(groups) & set(version.risk_groups):
        raise LineRefused("outside-circle", risk_groups=list(groups))
    if programmes and version.programme not in programmes:
        raise LineRefused("outside-circle", programmes=list(programmes))


def _check_hour(claim: ClaimLine, held: Consultation, most: Mapping[str, int] | None) -> None:
    """Where a kind of provider has a rate, confirmed minutes times rate is the most, half up."""
    rate = (most or {}).get(held.provider_kind)
    if rate is None:
        return
    cents = (rate * held.minutes * 2 + 60) // 120
    if claim.cents > cents:
        raise LineRefused("above-hour-rate", minutes=held.minutes, most_eur=euro(cents))


def _check_unit(claim: ClaimLine, support_type: str, most: Mapping[str, int] | None) -> None:
    """Where a place has a rate for the unit, quantity times rate is the most that is paid."""
    rate = (most or {}).get(support_type)
    if rate is None:
        return
    quantity = claim.evidence.quantity or len(claim.days or ())
    if not quantity:
        raise LineRefused("evidence-incomplete", missing="quantity")
    if claim.cents > rate * quantity:
        raise LineRefused("above-unit-rate", quantity=quantity, most_eur=euro(rate * quantity))


def voucher_of(
    claim: ClaimLine, plan: Plan, vouchers: Mapping[str, Voucher], rules: Rulebook, *, day: date
) -> Voucher | None:
    """The voucher a claim stands on, if it is one that was issued here; it must be its."""
    evidence = claim.evidence
    if evidence.kind is not OF_VOUCHER:
        return None
    voucher = vouchers.get(evidence.number or "")
    if voucher is None:
        places = plan.school_id, plan.partner, plan.municipality_id
        if rules.find(VOUCHERS_REGISTERED, day, *places):
            raise LineRefused("voucher-unknown")
        if evidence.issuer is None:
            raise LineRefused("evidence-incomplete", missing="issuer")
        return None
    if voucher.served_on is None or not voucher.waits_for_payment:
        raise LineRefused("voucher-not-redeemed", state=voucher.state)
    mine = claim.days or (() if claim.service_date is None else (claim.service_date,))
    if (
        voucher.plan_id != plan.plan_id
        or claim.measure_id != voucher.measure_id
        or any(one != voucher.served_on for one in mine)
    ):
        raise LineRefused("voucher-differs")
    if claim.cents > voucher.cents:
        raise LineRefused("above-voucher-value", most_eur=euro(voucher.cents))
    return voucher
