"""The decision to pay a returned order again, line by line over books held in memory. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.payments.claims.fitting import fitting
from services.payments.days.domain import DayBooks
from services.payments.domain import PREPARATION, Plan
from services.payments.evidence.domain import Piece, Taken
from services.payments.ledger.domain import Ledger, Place
from services.payments.refusals import LineRefused
from services.payments.rulebook import Rulebook
from shared.errors import NotFound, Refused
from shared.money import euro


class NotReturned(NotFound):
    """No returned order of this office has this number."""

    code = "returned-order-unknown"


class Repaired(Refused):
    """This returned order has been decided about already."""

    code = "already-repaired"


@dataclass
class RepairBooks:
    """What a batch of repairs is decided by; changed as its lines are accepted.

    `paid` is evidence that is paid by some order, `elsewhere` what another cell holds,
    `places` where the plans of the ledger are, `days` what the days of orders are held against.
    """

    plans: Mapping[str, Plan]
    payees: Mapping[tuple[str, str], str]
    ledger: Ledger
    rules: Rulebook
    today: date
    places: Mapping[str, Place]
    days: DayBooks
    paid: Taken = field(default_factory=Taken)
    elsewhere: Taken = field(default_factory=Taken)

    def payee_kind(self, partner: str, payee_id: str) -> str:
        """The kind of a payee of the office; raises LineRefused."""
        kind = self.payees.get((partner, payee_id))
        if kind is None:
            raise LineRefused("payee-unknown")
        return kind

    def check_evidence(self, piece: Piece | None) -> None:
        """The new order may stand on the old one's evidence, unless it was paid meanwhile."""
        if piece is None:
            return
        if self.elsewhere.holds(piece):
            raise LineRefused("evidence-paid-elsewhere")
        if self.paid.holds(piece):
            raise LineRefused("evidence-already-paid")

    def check_plan(self, plan_id: str, measure_id: str, day: date) -> None:
        """The plan must have been in force with the measure on the day, as things stand now."""
        plan = self.plans.get(plan_id)
        if plan is None or plan.deleted:
            raise LineRefused("plan-not-in-force", day=day.isoformat())
        if measure_id == PREPARATION:
            return
        version = plan.version_on(day)
        if version is None:
            raise LineRefused("plan-not-in-force", day=day.isoformat())
        if measure_id not in version.measures:
            raise LineRefused("measure-not-in-plan", measures=list(version.measures))

    def order_again(self, plan_id: str, measure_id: str, month: str, cents: int) -> None:
        """Use the same sum of the month and the allocation once more, whole or not at all."""
        line = self.ledger.lines[plan_id, measure_id, month]
        if line.under_ceiling:
            self.ledger.open_month(line.pupil_ref, month, self.rules.cap_cents(month))
        fits, cut = fitting(
            self.ledger,
            line,
            cents,
            rules=self.rules,
            today=self.today,
            place_of=self.places.__getitem__,
        )
        if cut is not None:
            raise _too_small(cut, fits)
        self.ledger.order(line, cents)


def _too_small(cut: LineRefused, fits: int) -> LineRefused:
    """The refusal of the whole where only a part fits; a repair pays the same sum or nothing."""
    details = {name: value for name, value in cut.details.items() if name not in _OF_A_CUT}
    return LineRefused(cut.code.replace("-cut", "-too-small"), available_eur=euro(fits), **details)


_OF_A_CUT = frozenset({"message_lv", "cut_eur", "cut_cents"})
