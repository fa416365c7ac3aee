"""What this cell does when it hears who asked for a pupil's month, and what was handed over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.allocations import store as allocation_rows
from services.payments.allocations.reserving import added
from services.payments.entitlements import store as plan_rows
from services.payments.entitlements.actions import refused
from services.payments.ledger import store as ledger_rows
from services.payments.ledger.domain import Ledger, Line, MonthKey
from services.payments.ledger.months import PupilMonth
from services.payments.rulebook import Rulebook
from services.payments.shares import store as share_rows
from services.payments.shares.domain import Ask, Gift, Given, hear_ask, hear_gift
from services.payments.shares.saving import save
from shared.bus.outbox import publish
from shared.contracts.base import Fact, Received
from shared.contracts.pupil_months import MonthAsked, MonthFact, RoomHandedOver


@dataclass
class _Hearing:
    """What facts about months change; `awaited` are months that waited for an answer before."""

    told: Sequence[Received[MonthFact]]
    rules: Rulebook
    ledger: Ledger
    awaited: set[MonthKey]
    given: list[Given] = field(default_factory=list)

    def month(self, key: MonthKey) -> PupilMonth:
        """The month of this cell; without a row where rows are older than what was told."""
        found = self.ledger.months.get(key)
        if found is None:
            found = PupilMonth.of_several_cells(*key, self.rules.cap_cents(key[1]))
            self.ledger.months[key] = found
        return found

    def is_settled(self, line: Line) -> bool:
        """Whether the month of a line has got its last answer just now."""
        key = line.pupil_ref, line.month
        return key in self.awaited and not self.ledger.months[key].awaits


async def hear_asks(session: AsyncSession, told: Sequence[Received[MonthAsked]]) -> None:
    """Cells asked for months: the first has the ceiling, the last what is left; hand it over."""
    own: str = session.info["source"]
    hearing = await _open(session, told)
    asks = await share_rows.asks(session, _keys(told))
    for received in told:
        fact = received.fact
        ask = Ask(_key(fact), received.source, fact.arrival, fact.version)
        mine = ask.source == own
        month = hearing.month(ask.key) if mine else hearing.ledger.months.get(ask.key)
        hearing.given += hear_ask(asks[ask.key], ask, month, own=own)
    await share_rows.keep_asks(session, {key: asks[key] for key in _keys(told)})
    await _save(session, hearing)


async def hear_hand_overs(session: AsyncSession, told: Sequence[Received[RoomHandedOver]]) -> None:
    """Cells handed over what they had free: it is here, and what waited for it is reserved."""
    hearing = await _open(session, told)
    known = await share_rows.gifts(session, _keys(told))
    news: dict[share_rows.GiftKey, Gift] = {}
    for received in told:
        fact = received.fact
        gift = Gift(_key(fact), received.source, fact.partner, fact.version, fact.cents)
        name = (*gift.key, gift.source, gift.partner)
        before = known.get(name, gift._replace(version=0, cents=0))
        if gift.version > before.version:
            known[name] = news[name] = gift
            month = hearing.month(gift.key)
            hearing.given += hear_gift(month, gift, known_cents=before.cents)
    await share_rows.keep_gifts(session, list(news.values()))
    await _save(session, hearing)


async def _open(session: AsyncSession, told: Sequence[Received[MonthFact]]) -> _Hearing:
    """Hold the pupils and load their months."""
    await share_rows.lock_known(session, (received.fact.pupil_ref for received in told))
    rules = await ledger_rows.load_rulebook(session)
    ledger = await ledger_rows.load_ledger(session, _keys(told))
    awaited = {key for key, month in ledger.months.items() if month.awaits}
    return _Hearing(told, rules, ledger, awaited)


def _key(fact: MonthFact) -> MonthKey:
    """The month a fact is about."""
    return fact.pupil_ref, fact.month


def _keys(told: Iterable[Received[MonthFact]]) -> set[MonthKey]:
    """The months that facts are about."""
    return {_key(received.fact) for received in told}


async def _save(session: AsyncSession, hearing: _Hearing) -> None:
    """Write the months as they stand after what was told, and reserve what waited for room."""
    ledger = hearing.ledger
    heard = _keys(hearing.told) & ledger.months.keys()
    ledger.touched_months |= heard
    at = max(received.at for received in hearing.told)
    facts = await _reserve_what_waited(session, hearing, heard)
    await save(session, ledger, at=at, given=hearing.given)
    await publish(session, facts, at=at)


async def _reserve_what_waited(
    session: AsyncSession, hearing: _Hearing, heard: Iterable[MonthKey]
) -> list[Fact]:
    """Reserve the lines that wait in these months, first come first; what is told of them."""
    ledger = hearing.ledger
    lines = [
        line
        for key in sorted(heard)
        for line in ledger.lines_of_month(*key)
        if line.waiting and line.under_ceiling and ledger.months[key].goes_to is None
    ]
    if not lines:
        return []
    plans = await plan_rows.held_plans(session, (line.plan_id for line in lines))
    draws_on = {plan_id: held.plan.draws_on for plan_id, held in plans.items()}
    ledger.draws_on = draws_on
    ledger.held = await allocation_rows.hold_allocations(session, draws_on.values(), hearing.rules)
    facts: list[Fact] = []
    for line in sorted(lines, key=lambda line: line.row):
        wish = ledger.reserve_waiting(line)
        if wish.reserved:
            facts.append(added(ledger, wish, plans[line.plan_id]))
        if wish.refused and hearing.is_settled(line):
            facts.append(refused(plans[line.plan_id].plan, wish))
    return facts
