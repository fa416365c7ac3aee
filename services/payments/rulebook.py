"""The parameters payments decides by, as one plain value: name, place, validity, value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared.calendar import month_bounds, semester_begins
from shared.errors import NotFound

STATE = "state"
MONTHLY_CAP = "monthly_cap_eur"
CAP_SCOPE = "cap_scope"
PARTIAL_PAYMENT = "partial_payment"
ESF_SHARE = "esf_share_permille"
TRANSPORT_SCOPE = "transport_scope"
UNIT_CENTS_MAX = "unit_cents_max"
ALLOCATION_REQUIRED = "allocation_required"
CALENDAR_BOUND_TYPES = "calendar_bound_types"
CALENDAR_REQUIRED = "calendar_required"
DAYS_COUNTED_ONCE = "days_counted_once_types"
DAYS_NEEDED = "days_needed_types"
PRACTICE_OPENS = "practice_opens_types"
HOUR_CENTS_MAX = "consultation_hour_cents_max"
CIRCLES = "circle_of_recipients"
VOUCHER_CENTS = "voucher_cents"
VOUCHER_VALID_DAYS = "voucher_valid_days"
VOUCHERS_REGISTERED = "vouchers_registered_only"
PROJECT_END = "project_end"
LINES_MAX = "bank_file_lines_max"
DAY_EUR_MAX = "bank_file_day_eur_announce"
LATEST_HOUR = "bank_file_latest_hour"
WHOLE_ADDRESSES = "bank_file_whole_addresses"
BUDGET_CODES = "budget_codes"
PAYER_ACCOUNT = "payer_account"
PAYEE_CHANGE_DAYS = "payee_change_days"
SIGNED_REQUESTS = "signed_requests"
SIGNATURE_REQUIRED = "required"
ANSWER_DAYS_MAX = "bank_answer_days_max"
PARTNER_REPORT_PERIOD = "partner_report_period"
PACKAGE_LINES_MAX = "claim_package_lines_max"

EVERYTHING_BUT_PREPARATION = "all_except_preparation"
COMPENSATIONS = "compensations"
GRANTS = frozenset({"grant_instalment"})
NOT_CAPPED: Mapping[str, frozenset[str]] = {
    "all": GRANTS,
    EVERYTHING_BUT_PREPARATION: GRANTS | {"preparation"},
    COMPENSATIONS: GRANTS | {"preparation", "consultation"},
}
"""By scope of the ceiling the types that do not count under it."""
CUT = "cut"
REFUSE = "refuse"
_NOT_ASKED = object()


class RuleMissing(NotFound):
    """No value of this parameter is in force there on that day; an officer of the state sets it."""

    code = "parameter-missing"


@dataclass(frozen=True, slots=True)
class Rule:
    """One value of a parameter at a place; both ends of its validity are included."""

    name: str
    place: str
    valid_from: date
    valid_to: date | None
    value: Any

    def holds_on(self, day: date) -> bool:
        """Whether the value is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Rulebook:
    """All values payments may ask for; answers are remembered."""

    rules: Sequence[Rule]
    _answers: dict[tuple[str, date, tuple[str, ...]], Any] = field(default_factory=dict)
    _caps: dict[str, int] = field(default_factory=dict)
    _ends: dict[date, date | None] = field(default_factory=dict)

    def find(self, name: str, day: date, *places: str) -> Any:
        """The value in force, of several places the first that has one, else the state's, or None.

        A state's value needs no mention: it is asked last.
        """
        key = name, day, places
        found = self._answers.get(key, _NOT_ASKED)
        if found is _NOT_ASKED:
            found = self._answers[key] = self._look(name, day, (*places, STATE))
        return found

    def value(self, name: str, day: date, *places: str) -> Any:
        """As `find`; raises RuleMissing where nothing is in force."""
        found = self.find(name, day, *places)
        if found is None:
            raise RuleMissing(name=name, day=day.isoformat(), places=list(places))
        return found

    def cap_cents(self, month: str) -> int:
        """The ceiling of a month: the value in force on its first day."""
        found = self._caps.get(month)
        if found is None:
            found = int(self.value(MONTHLY_CAP, month_bounds(month)[0])) * 100
            self._caps[month] = found
        return found

    def under_ceiling(self, support_type: str, month: str) -> bool:
        """Whether a type counts under the ceiling in a month."""
        return support_type not in NOT_CAPPED[self.value(CAP_SCOPE, month_bounds(month)[0])]

    def allocation_required(self, partner: str, semester: str) -> bool:
        """Whether nothing may be promised in a semester for which no allocation was set."""
        return bool(self.value(ALLOCATION_REQUIRED, semester_begins(semester), partner))

    def project_end(self, day: date) -> date | None:
        """The approved end of the project, where one is set."""
        if day not in self._ends:
            found = self.find(PROJECT_END, day)
            self._ends[day] = None if found is None else date.fromisoformat(found)
        return self._ends[day]

    def _look(self, name: str, day: date, places: Sequence[str]) -> Any:
        """Ask place by place."""
        for place in places:
            for rule in self.rules:
                if rule.name == name and rule.place == place and rule.holds_on(day):
                    return rule.value
        return None
