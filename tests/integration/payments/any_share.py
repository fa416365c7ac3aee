"""Another cell in any life: it asks for months of the pupils, uses some, hands over the rest."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import text

from shared.contracts.base import Received
from shared.contracts.pupil_months import MonthAsked, MonthFact, RoomHandedOver
from tests.builders_payments import Payments
from tests.integration.payments.country import hear, months_agreed
from tests.money_facts import LATER

CAP = 30_000
ELSEWHERE = "90000048199"
Key = tuple[str, str]


class Elsewhere:
    """The other cell; the first of both to ask for a month begins with its ceiling."""

    def __init__(self, payments: Payments) -> None:
        self._payments = payments
        self._begun: dict[Key, int] = {}
        self._asked: Counter[Key] = Counter()
        self._got: Counter[Key] = Counter()
        self._given: Counter[Key] = Counter()
        self._told: Counter[Key] = Counter()

    async def asks(self, pupil_ref: str, month: str) -> None:
        """A plan for a pupil's month is approved there."""
        key = pupil_ref, month
        self._asked[key] += 1
        self._begun.setdefault(key, CAP)
        await self._tell(
            MonthAsked(
                pupil_ref=pupil_ref, month=month, version=self._asked[key], arrival=ELSEWHERE
            )
        )
        await self.hears()

    async def hears(self) -> None:
        """Hear what was told of months, and hand over half of what is asked for."""
        for received in await months_agreed(self._payments):
            fact = received.fact
            key = fact.pupil_ref, fact.month
            if isinstance(fact, RoomHandedOver):
                assert fact.partner == ELSEWHERE
                assert fact.cents >= self._got[key]
                self._got[key] = fact.cents
            elif self._asked[key]:
                await self._answer(key, fact.arrival)
            self._begun.setdefault(key, 0)

    async def _answer(self, key: Key, partner: str) -> None:
        """Hand over half of what is held, which may be nothing."""
        self._given[key] += self._holds(key) // 2
        self._told[key] += 1
        await self._tell(
            RoomHandedOver(
                pupil_ref=key[0],
                month=key[1],
                version=self._told[key],
                partner=partner,
                cents=self._given[key],
            )
        )

    async def all_is_there(self) -> None:
        """Both cells together hold the ceiling of each month, and not a cent more."""
        asked = text("SELECT pupil_ref, month, cap_cents - elsewhere_cents FROM pupil_months")
        async with self._payments.doors.database.transaction() as session:
            held = {(row[0], row[1]): row[2] for row in await session.execute(asked)}
        for key, cents in held.items():
            assert cents + self._holds(key) == CAP, key

    def _holds(self, key: Key) -> int:
        """What the other cell holds of a month."""
        return self._begun.get(key, 0) + self._got[key] - self._given[key]

    async def _tell(self, fact: MonthFact) -> None:
        """Let payments hear what the other cell says."""
        at = datetime.fromisoformat(LATER)
        received: Received[Any] = Received(
            fact, at, "1", "/payments/elsewhere", fact.topic_name, 0, 1
        )
        await hear([received], self._payments)
