"""What one payment of an entry says: its sum, its outcome, or why it says nothing. Pure."""

from services.payments.domain import OrderState
from services.payments.statements.domain import ENTRIES, EURO, exact_cents
from services.payments.statements.reading import Values

YES = ("true", "1")


def is_reversal(entry: Values) -> bool:
    """Whether the entry takes an earlier one back."""
    return entry.get("Ntry/RvslInd", "false") in YES


def told_sum(payment: Values, entry: Values, *, alone: bool) -> tuple[int | None, str]:
    """Cents and currency of a payment: its own, or those of an entry that holds it alone.

    Raises ValueError with the fault's code.
    """
    for key in ("TxDtls/Amt", "TxAmt", "InstdAmt"):
        if key in payment:
            currency = payment.get(f"{key}_currency", "")
            return (exact_cents(payment[key]) if currency == EURO else None), currency
    currency = entry.get("Ntry/Amt_currency", "")
    return (entry["Ntry/Amt"] if alone and currency == EURO else None), currency


def meaning(entry: Values, payment: Values) -> OrderState | str:
    """What the payment says of its order, or the code why it says nothing."""
    direction = payment.get("TxDtls/CdtDbtInd") or entry["Ntry/CdtDbtInd"]
    returned = "RtrInf/Rsn/Cd" in payment or "RtrInf/AddtlInf" in payment
    return ENTRIES.get((direction, is_reversal(entry), returned), "direction-unclear")


def unfit(found: OrderState | str, currency: str, *, named: bool) -> str | None:
    """Why no order can follow the line."""
    if currency != EURO:
        return "currency-differs"
    if not named:
        return "no-end-to-end-id"
    return None if isinstance(found, OrderState) else found


def count_of(text: str | None) -> int | None:
    """A count as it was told; None where there is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 15 else None
