"""Parameters money is computed with: a value no rule could use is refused when it is set."""

from typing import Any

import pytest

from services.payments.owned_parameters import PARAMETERS
from shared.parameter_forms import check_value
from tests.builders_payments import Payments
from tests.money_facts import OFFICE, STATE_OFFICER, account

UNFIT: list[tuple[str, Any, str, str]] = [
    ("monthly_cap_eur", "300", "parameter-unfit", ""),
    ("monthly_cap_eur", 300.5, "parameter-unfit", ""),
    ("monthly_cap_eur", -1, "parameter-unfit", ""),
    ("monthly_cap_eur", 10**20, "parameter-unfit", ""),
    ("monthly_cap_eur", True, "parameter-unfit", ""),
    ("monthly_cap_eur", None, "parameter-unfit", ""),
    ("esf_share_permille", 1001, "parameter-unfit", ""),
    ("unit_cents_max", {"meals": "2.00"}, "parameter-unfit", "meals"),
    ("unit_cents_max", {"lunch": 200}, "parameter-unfit", "lunch"),
    ("bank_file_lines_max", -1, "parameter-unfit", ""),
    ("bank_file_latest_hour", 18.5, "parameter-unfit", ""),
    ("budget_codes", {"payer": "21.2.0.0"}, "parameter-unfit", "payee"),
    ("payer_account", {"iban": "LV00HABA0000000000001"}, "parameter-unfit", "iban"),
    ("payer_account", {"iban": account(1), "bic": "<x>"}, "parameter-unfit", "bic"),
    ("signed_requests", "require", "parameter-not-one-of", ""),
    ("partner_report_period", "year", "parameter-not-one-of", ""),
    ("calendar_required", 1, "parameter-not-one-of", ""),
]


@pytest.mark.parametrize(("name", "value", "code", "where"), UNFIT)
async def test_a_value_no_rule_could_use_is_refused(
    payments: Payments, name: str, value: Any, code: str, where: str
) -> None:
    before = await payments.doors.get("/parameters", by=STATE_OFFICER, name=name)
    body = {"name": name, "place": "elsewhere", "value": value, "source": "test"}
    answer = await payments.doors.send("/parameters", body, by=STATE_OFFICER, method="PUT")
    told = answer.json()
    assert (answer.status_code, told["code"], told["field"]) == (422, code, "value")
    assert where in told.get("where", "")
    after = await payments.doors.get("/parameters", by=STATE_OFFICER, name=name)
    assert after.json() == before.json()


@pytest.mark.parametrize("spec", PARAMETERS, ids=lambda spec: spec.name)
def test_every_first_value_is_of_its_form_and_every_parameter_has_one(spec: Any) -> None:
    assert spec.one_of or spec.form is not None
    check_value(spec.value, one_of=spec.one_of, form=spec.form)


async def test_good_values_of_each_form_are_taken(payments: Payments) -> None:
    for name, value in {
        "circle_of_recipients": {"meals": {"risk_groups": ["R3"], "programmes": ["general"]}},
        "unit_cents_max": {"meals": 213, "preparation": 1_000},
        "calendar_bound_types": {"meals": ["weekend"]},
        "payer_account": {"iban": account(1), "bic": "TRELLV22XXX", "name": "Siguldas novads"},
        "partner_report_period": "quarter",
    }.items():
        await payments.set_parameter(name, value, place=f"place-{OFFICE}")
