"""Projects: instalments of the lump sum, what a result earns, and what must come back.

Source: the lump sum is paid for results, not invoices (published rules); shares, reduction and
recovery are our rule and parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from services.ngo_grants.domain import WrongMove
from services.ngo_grants.rules import PERMILLE, Rules
from shared.calendar import SATURDAY
from shared.errors import Invalid, Refused


class Instalment(StrEnum):
    """Where an instalment stands; `due` is told to payments, the rest is heard from there."""

    PLANNED = "planned"
    DUE = "due"
    ORDERED = "ordered"
    SETTLED = "settled"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    REFUSED = "refused"


INSTALMENT_MOVES = frozenset(
    {
        (Instalment.PLANNED, Instalment.DUE),
        (Instalment.PLANNED, Instalment.CANCELLED),
        (Instalment.DUE, Instalment.ORDERED),
        (Instalment.DUE, Instalment.SETTLED),
        (Instalment.DUE, Instalment.RETURNED),
        (Instalment.DUE, Instalment.REFUSED),
        (Instalment.ORDERED, Instalment.SETTLED),
        (Instalment.ORDERED, Instalment.RETURNED),
        (Instalment.RETURNED, Instalment.ORDERED),
        (Instalment.RETURNED, Instalment.SETTLED),
        (Instalment.SETTLED, Instalment.RETURNED),
    }
)
OWED = frozenset({Instalment.DUE, Instalment.ORDERED, Instalment.SETTLED, Instalment.RETURNED})


class ProofTooEarly(Refused):
    """The proof of results is filed when the project has started."""

    code = "proof-too-early"


class PublicityMissing(Invalid):
    """The proof must show how the fund was made public."""

    code = "publicity-missing"


class AlreadyContracted(Refused):
    """There is a contract for this project."""

    code = "already-contracted"


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment of a project's lump sum."""

    number: int
    cents: int
    after: Literal["contract", "acceptance"]


@dataclass(frozen=True, slots=True)
class Result:
    """What was reached, or planned: participants, and how many of them at risk."""

    participants: int
    participants_at_risk: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What acceptance means in cents: earned in all, still to pay, to come back."""

    earned_cents: int
    final_cents: int
    recovery_cents: int


def parts(rules: Rules) -> list[Part]:
    """The lump sum cut into its instalments; the last takes the odd cents, the sum is exact."""
    cents = [rules.grant_cents * share.permille // PERMILLE for share in rules.instalments]
    cents[-1] = rules.grant_cents - sum(cents[:-1])
    return [
        Part(number, each, share.after)
        for number, (each, share) in enumerate(zip(cents, rules.instalments, strict=True), start=1)
        if each > 0
    ]


def fulfilment(planned: Result, reached: Result) -> Fraction:
    """The smaller share of what was planned, between 0 and 1; nothing planned is reached."""
    pairs = (
        (reached.participants, planned.participants),
        (reached.participants_at_risk, planned.participants_at_risk),
    )
    shares = [Fraction(got, wanted) if wanted else Fraction(1) for got, wanted in pairs]
    return min(Fraction(1), *shares)


def earned_cents(share: Fraction, rules: Rules) -> int:
    """What a share of the planned result earns: all, a proportion rounded down, or nothing."""
    if share * PERMILLE >= rules.result_full_from_permille:
        return rules.grant_cents
    if share * PERMILLE < rules.result_nothing_below_permille:
        return 0
    return int(share * rules.grant_cents)


def settle(earned: int, owed_before: int) -> Settlement:
    """Pay the rest of what was earned, or ask back what was owed beyond it."""
    return Settlement(
        earned_cents=earned,
        final_cents=max(0, earned - owed_before),
        recovery_cents=max(0, owed_before - earned),
    )


def spread_final(cents: int, planned: Mapping[int, int]) -> dict[int, int]:
    """Give what is still to pay to the planned instalments in order, each its planned sum at most.

    Raises ValueError where they cannot take it all, which would be a fault of ours.
    """
    given: dict[int, int] = {}
    for number, most in sorted(planned.items()):
        given[number] = min(cents, most)
        cents -= given[number]
    if cents:
        raise ValueError("the planned instalments cannot take what was earned")
    return given


def due_on(day: date, working_days: int) -> date:
    """So many working days later; weekends do not count, holidays are not known here."""
    while working_days:
        day += timedelta(days=1)
        working_days -= day.weekday() < SATURDAY
    return day


def pay_by(rules: Rules, day: date, after: Literal["contract", "acceptance"]) -> date:
    """The last day to pay what became due on a day."""
    return due_on(day, rules.pay_within_working_days[after])


def check_result(reached: Result, publicity: str) -> None:
    """Refuse a proof that contradicts itself or shows no publicity."""
    if reached.participants_at_risk > reached.participants:
        raise Invalid("More participants at risk than participants.", field="participants_at_risk")
    if not publicity.strip():
        raise PublicityMissing(field="publicity")


def owed_cents(instalments: Sequence[tuple[Instalment, int]]) -> int:
    """What was told to be paid so far."""
    return sum(cents for state, cents in instalments if state in OWED)


@dataclass(frozen=True, slots=True)
class Told:
    """What payments said of an instalment: its order, the order's version, what became of it."""

    project_id: str
    number: int
    state: Instalment
    order_id: str | None
    order_version: int | None
    booked_on: date | None
    reason_code: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """An instalment as it stands before payments say something."""

    state: Instalment
    order_id: str | None
    order_version: int | None


def is_news(known: Known, told: Told) -> bool:
    """Whether what was told changes the instalment; what is older than what is known does not.

    Raises WrongMove where it contradicts what is known.
    """
    version = told.order_version
    older = version is not None and version <= (known.order_version or 0)
    if known.order_id == told.order_id and (older or known.state is told.state):
        return False
    if (known.state, told.state) not in INSTALMENT_MOVES:
        raise WrongMove(
            project_id=told.project_id, instalment=told.number, state=known.state, asked=told.state
        )
    return True
