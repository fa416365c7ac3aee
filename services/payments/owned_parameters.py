"""The parameters payments owns: names, first values, where they come from."""

from datetime import date

from pydantic import JsonValue

from services.payments.claims.evidence import TRANSPORT_PAID
from services.payments.parameter_forms import (
    BudgetCodes,
    Cents,
    Circle,
    Count,
    Days,
    Hour,
    KindOfDay,
    PayerAccount,
    Thousandths,
    Type,
    WholeEuros,
)
from services.payments.partner_reports.domain import PeriodKind
from services.payments.rulebook import (
    ALLOCATION_REQUIRED,
    ANSWER_DAYS_MAX,
    BUDGET_CODES,
    CALENDAR_BOUND_TYPES,
    CALENDAR_REQUIRED,
    CAP_SCOPE,
    CIRCLES,
    CUT,
    DAY_EUR_MAX,
    DAYS_COUNTED_ONCE,
    DAYS_NEEDED,
    ESF_SHARE,
    EVERYTHING_BUT_PREPARATION,
    HOUR_CENTS_MAX,
    LATEST_HOUR,
    LINES_MAX,
    MONTHLY_CAP,
    NOT_CAPPED,
    PACKAGE_LINES_MAX,
    PARTIAL_PAYMENT,
    PARTNER_REPORT_PERIOD,
    PAYEE_CHANGE_DAYS,
    PAYER_ACCOUNT,
    PRACTICE_OPENS,
    REFUSE,
    SIGNATURE_REQUIRED,
    SIGNED_REQUESTS,
    TRANSPORT_SCOPE,
    UNIT_CENTS_MAX,
    VOUCHER_CENTS,
    VOUCHER_VALID_DAYS,
    VOUCHERS_REGISTERED,
    WHOLE_ADDRESSES,
)
from shared.contracts.base import Code
from shared.parameters import OUR_RULE, ParameterSpec

TREASURY = "State Treasury pages on payments between its accounts"
SEPA_ADDRESSES = "SEPA credit transfer rulebook: from November 2026 no unstructured addresses"
PROJECT_START = date(2017, 3, 1)
BOUND_TYPES: dict[str, JsonValue] = {
    "meals": ["weekend", "day_off", "break", "outside_semester", "absent"],
    "accommodation": ["break", "outside_semester"],
    "public_transport": ["break", "outside_semester", "absent"],
    "special_transport": ["weekend", "day_off", "break", "outside_semester", "absent"],
}

PARAMETERS: tuple[ParameterSpec, ...] = (
    ParameterSpec(
        MONTHLY_CAP, 300, "Sigulda, Preiļi and other public pages of the programme",
        "most a pupil may receive in a month, euro; ESF and state part together", PROJECT_START,
        form=WholeEuros,
    ),
    ParameterSpec(
        CAP_SCOPE, EVERYTHING_BUT_PREPARATION, OUR_RULE,
        "what counts under the ceiling: all_except_preparation, all, or compensations alone",
        PROJECT_START, one_of=tuple(NOT_CAPPED),
    ),
    ParameterSpec(
        PARTIAL_PAYMENT, CUT, OUR_RULE,
        "a claim above the room left: cut pays what is left, refuse pays nothing", PROJECT_START,
        one_of=(CUT, REFUSE),
    ),
    ParameterSpec(
        ALLOCATION_REQUIRED, False, OUR_RULE,
        "whether nothing is promised in a semester without an allocation; by its first day, "
        "per partner", PROJECT_START, one_of=(False, True),
    ),
    ParameterSpec(
        ESF_SHARE, 850, "MK 460: 33 840 519 of 39 812 376 EUR",
        "the fund's part of each line in thousandths, half a cent up", PROJECT_START,
        form=Thousandths,
    ),
    ParameterSpec(
        TRANSPORT_SCOPE, "any_public_transport", OUR_RULE,
        "which lines are paid: intercity, inter_municipality, any_public_transport; per place",
        PROJECT_START, one_of=tuple(TRANSPORT_PAID),
    ),
    ParameterSpec(
        UNIT_CENTS_MAX, {}, OUR_RULE,
        "most cents per unit by support type, for example meals per school day; empty: no limit",
        form=dict[Type, Cents],
    ),
    ParameterSpec(
        CALENDAR_BOUND_TYPES, BOUND_TYPES, OUR_RULE,
        "days on which a type of support is not paid: weekend, day_off, break, outside_semester, "
        "absent; a pupil who lives in a hostel travels home on a weekend",
        form=dict[Type, list[KindOfDay]],
    ),
    ParameterSpec(
        CALENDAR_REQUIRED, False, OUR_RULE,
        "true: a working day of which no calendar of the school is known is not paid",
        one_of=(False, True),
    ),
    ParameterSpec(
        DAYS_COUNTED_ONCE, ["meals", "accommodation"], OUR_RULE,
        "types of which a pupil's day is paid once; the quantity of their claims is days",
        form=list[Type],
    ),
    ParameterSpec(
        DAYS_NEEDED, [], OUR_RULE,
        "types whose claims for a month have to name the days, or how many they were",
        form=list[Type],
    ),
    ParameterSpec(
        PRACTICE_OPENS, ["public_transport", "accommodation", "meals"],
        "public pages: with a head's order transport, hostel and meals stay eligible in practice",
        "types that a practice order opens on days without lessons", form=list[Type],
    ),
    ParameterSpec(
        HOUR_CENTS_MAX, {}, OUR_RULE,
        "most cents for an hour of consultation by kind of provider; empty: no limit",
        form=dict[Code, Cents],
    ),
    ParameterSpec(
        CIRCLES, {}, OUR_RULE,
        "who may receive a type: lists of risk_groups and programmes by type; empty: everybody",
        form=dict[Type, Circle],
    ),
    ParameterSpec(
        VOUCHER_CENTS, 150, OUR_RULE, "what a voucher for one meal is worth, cents; per place",
        form=Count,
    ),
    ParameterSpec(
        VOUCHER_VALID_DAYS, 10, OUR_RULE,
        "days after its month within which a caterer may still hand in a voucher", form=Days,
    ),
    ParameterSpec(
        VOUCHERS_REGISTERED, False, OUR_RULE,
        "true: only vouchers issued here prove a meal; false: a printed one is a paper like others",
        one_of=(False, True),
    ),
    ParameterSpec(
        LINES_MAX, 20_000, OUR_RULE, "most payments in one bank file; more make more files",
        form=Count,
    ),
    ParameterSpec(
        DAY_EUR_MAX, 700_000, TREASURY, "sums above this in a day are announced the day before",
        form=WholeEuros,
    ),
    ParameterSpec(
        LATEST_HOUR, 18, TREASURY, "orders after this hour count as the next working day's",
        form=Hour,
    ),
    ParameterSpec(
        WHOLE_ADDRESSES, True, SEPA_ADDRESSES,
        "an address in a bank file has town and country, or is not there", date(2026, 11, 15),
        one_of=(False, True),
    ),
    ParameterSpec(
        BUDGET_CODES, {"payer": "21.2.0.0", "payee": "EKK6200"}, OUR_RULE,
        "budget classification written on both sides of each payment; the profile is unknown",
        form=BudgetCodes,
    ),
    ParameterSpec(
        ANSWER_DAYS_MAX, 10, OUR_RULE,
        "days after the day of payment without any answer, after which the outcome is unknown",
        form=Days,
    ),
    ParameterSpec(
        PAYER_ACCOUNT, None, OUR_RULE,
        "what a payment office pays from: object with iban, bic and optionally name; per partner",
        form=PayerAccount | None,
    ),
    ParameterSpec(
        PAYEE_CHANGE_DAYS, 3, OUR_RULE,
        "days between the second person's confirmation of a payee's change and its first payment",
        form=Days,
    ),
    ParameterSpec(
        SIGNED_REQUESTS, "optional", OUR_RULE,
        "whether a payment office must sign its requests: required, or optional; per partner",
        one_of=(SIGNATURE_REQUIRED, "optional"),
    ),
    ParameterSpec(
        PARTNER_REPORT_PERIOD, "month", OUR_RULE,
        "how long a period of partners' reports is: month, quarter, semester; per partner",
        one_of=tuple(PeriodKind),
    ),
    ParameterSpec(
        PACKAGE_LINES_MAX, 50_000, OUR_RULE, "most lines in one claim package", form=Count,
    ),
)  # fmt: skip
