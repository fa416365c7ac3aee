"""What one payment of an entry says: its sum, its outcome, or why it says nothing. Pure."""

from services.payments.domain import OrderState
from services.payments.statements.domain import ENTRIES, EURO, exact_cents
from services.payments.statements.reading import Values

YES = ("true", "1")
Money = tuple[int | None, str]
"""Cents and currency of a payment; no cents where it is not in euro."""
_SUMS = tuple((key, f"{key}_currency") for key in ("TxDtls/Amt", "TxAmt", "InstdAmt"))
_MEANINGS = {
    told: (found.value, None)
    if isinstance(found, OrderState)
    else (OrderState.UNKNOWN.value, found)
    for told, found in ENTRIES.items()
}
_UNCLEAR = OrderState.UNKNOWN.value, "direction-unclear"


def is_reversal(entry: Values) -> bool:
    """Whether the entry takes an earlier one back."""
    return entry.get("Ntry/RvslInd", "false") in YES


def told_sum(payment: Values, entry: Values, *, alone: bool) -> Money:
    """Cents and currency of a payment: its own, or those of an entry that holds it alone.

    Raises ValueError with the fault's code.
    """
    for key, currency_key in _SUMS:
        if key in payment:
            currency = payment.get(currency_key, "")
            return (exact_cents(payment[key]) if currency == EURO else None), currency
    currency = entry.get("Ntry/Amt_currency", "")
    return (entry["Ntry/Amt"] if alone and currency == EURO else None), currency


def meaning(entry: Values, payment: Values, *, reversal: bool) -> tuple[str, str | None]:
    """What the payment says of its order: the outcome, and the code why it says nothing."""
    direction = payment.get("TxDtls/CdtDbtInd") or entry["Ntry/CdtDbtInd"]
    returned = "RtrInf/Rsn/Cd" in payment or "RtrInf/AddtlInf" in payment
    return _MEANINGS.get((direction, reversal, returned), _UNCLEAR)


def unfit(unclear: str | None, currency: str, *, named: bool) -> str | None:
    """Why no order can follow the line."""
    if currency != EURO:
        return "currency-differs"
    return unclear if named else "no-end-to-end-id"


def count_of(text: str | None) -> int | None:
    """A count as it was told; None where there is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 15 else None
