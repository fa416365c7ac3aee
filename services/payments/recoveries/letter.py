"""The letter that asks money back: who owes what, for which order, why, until when. Pure."""

from dataclasses import dataclass
from datetime import date

from services.payments.ledger.explanation import NAMES
from shared.money import euro


@dataclass(frozen=True)
class Letter:
    """What the letter says; sums are cents. It names a person and is for the office only."""

    demand_id: str
    written_on: date
    office_name: str
    office_number: str
    payee_name: str
    payee_code: str | None
    order_id: str
    support_type: str
    month: str
    paid_on: date
    paid_cents: int
    asked_cents: int
    came_back_cents: int
    owed_cents: int
    reason: str
    pay_until: date
    account: str
    bic: str | None

    def text(self) -> str:
        """The letter as plain text in Latvian."""
        parts = (self._head(), self._what_was_paid(), self._how_to_pay(), _END)
        return "\n\n".join(parts) + "\n"

    def _head(self) -> str:
        code = f", {self.payee_code}" if self.payee_code else ""
        return (
            f"{self.office_name}\nReģ. Nr. {self.office_number}\n\n"
            f"{_day(self.written_on)} Nr. {self.demand_id}\n\n"
            f"{self.payee_name}{code}\n\nPar izmaksātās naudas atmaksu"
        )

    def _what_was_paid(self) -> str:
        purpose = NAMES[self.support_type].lv
        year, month = self.month.split("-")
        text = (
            f"{_day(self.paid_on)} Jums izmaksāti {_sum(self.paid_cents)} {purpose} "
            f"par {month}.{year} (maksājuma uzdevums {self.order_id}).\n"
            f"No tiem jāatmaksā {_sum(self.asked_cents)}. Iemesls: {self.reason}"
        )
        if self.came_back_cents:
            text += (
                f"\nLīdz šim saņemti {_sum(self.came_back_cents)}, "
                f"atlikuši {_sum(self.owed_cents)}."
            )
        return text

    def _how_to_pay(self) -> str:
        bic = f" ({self.bic})" if self.bic else ""
        return (
            f"Lūdzam atmaksāt līdz {_day(self.pay_until)}:\n"
            f"  summa: {_sum(self.owed_cents)}\n"
            f"  saņēmējs: {self.office_name}, {self.office_number}\n"
            f"  konts: {self.account}{bic}\n"
            f"  maksājuma mērķis: {self.demand_id}"
        )


_END = "Ja nepiekrītat vai nevarat samaksāt uzreiz, lūdzam rakstīt mums līdz tam pašam datumam."


def _day(day: date) -> str:
    """A day as it is written in Latvian."""
    return f"{day:%d.%m.%Y}."


def _sum(cents: int) -> str:
    """Euros as they are written in Latvian."""
    return f"{euro(cents)} EUR".replace(".", ",")
