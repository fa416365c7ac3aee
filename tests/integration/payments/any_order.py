"""An order as anybody could keep it by hand, and who works at the two offices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.payments.payees.iban import with_check_digits
from tests.money_facts import OFFICE, OFFICER, OTHER_OFFICE, OTHER_SCHOOL, SCHOOL, STRANGER

OFFICES = {OFFICE: OFFICER, OTHER_OFFICE: STRANGER}
SECONDS = {OFFICE: "a.second.officer", OTHER_OFFICE: "another.second.officer"}
SCHOOLS = {OFFICE: SCHOOL, OTHER_OFFICE: OTHER_SCHOOL}
ACCOUNTS = {
    office: with_check_digits("LV", f"TREL000000000000{number}")
    for number, office in enumerate(OFFICES, start=1)
}
NOT_FILED = ("draft", "approved", "cancelled")
GIVEN_BACK = ("returned", "cancelled")


@dataclass
class AnOrder:
    """An order, what came back of it and what is asked back; the paper it stands on."""

    order_id: str
    office: str
    key: str
    plan_id: str | None
    cents: int
    payee_id: str = "mother"
    evidence: Mapping[str, Any] | None = None
    meal: tuple[str, str] | None = None
    waits: bool = False
    state: str = "draft"
    back: int = 0
    asked: int = 0
    file_id: str | None = None
    account: str | None = None

    @property
    def live(self) -> bool:
        """Whether its money is spoken for."""
        return self.state not in GIVEN_BACK

    @property
    def counts(self) -> int:
        """Cents that are spoken for, or spent."""
        return self.cents - self.back if self.live else 0

    @property
    def paper(self) -> str | None:
        """What its evidence is told from others by."""
        return paper_of(self.evidence)


def paper_of(evidence: Mapping[str, Any] | None) -> str | None:
    """What a piece of evidence is told from others by; hours of preparation are none."""
    return None if evidence is None else evidence.get("number")


def of_state(orders: Iterable[AnOrder], *states: str) -> list[str]:
    """Orders that stand there, oldest first."""
    return [order.order_id for order in orders if order.state in states]
