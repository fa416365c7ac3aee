"""Changing a payee: one person proposes, another confirms, and it is in force some days later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import Written
from services.payments.ledger import store as ledger_rows
from services.payments.orders.store import new_ids
from services.payments.payees import change_rows
from services.payments.payees import store as payee_rows
from services.payments.payees.actions import (
    OFFICE,
    DetailsLine,
    PayeeUnknown,
    partners_of,
)
from services.payments.payees.change_rows import Change
from services.payments.payees.iban import masked
from services.payments.payees.store import Details, OpenPayee
from services.payments.rulebook import PAYEE_CHANGE_DAYS, Rulebook
from services.payments.store import lock_beneficiaries
from shared.auth import Person
from shared.bulk import LineAnswer, accepted, refused
from shared.calendar import TIMEZONE
from shared.contracts.base import Code
from shared.errors import FourEyes, NotFound, OutsideScope, Refused

REASON_CHARACTERS_MAX = 400


class NothingChanges(Refused):
    """The payee is already as the change would make it."""

    code = "nothing-changes"


class ChangeOpen(Refused):
    """Another change of this payee waits for its second person or its day; settle that first."""

    code = "payee-change-open"


class ChangeUnknown(NotFound):
    """This payment office has no such change of a payee."""

    code = "payee-change-unknown"


class ChangeDecided(Refused):
    """This change was decided already; propose another one."""

    code = "payee-change-decided"


class ChangePaid(Refused):
    """A bank file pays to this change already; stop it at the bank and propose the old account."""

    code = "payee-change-paid"


class ChangeLine(DetailsLine):
    """A payee as it is to be, with the reason of the change; what is not given is taken away."""

    payee_id: Code
    reason: Written = Field(min_length=1, max_length=REASON_CHARACTERS_MAX)


class Verdict(StrEnum):
    """What is decided of a change: a second person confirms, any officer refuses."""

    CONFIRM = "confirm"
    REFUSE = "refuse"


class DecisionLine(BaseModel):
    """A change to confirm or to refuse."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    change_id: Code
    decision: Verdict


@dataclass(frozen=True, slots=True)
class Compared:
    """A change with the payee as it is, as it is to be, and why."""

    change: Change
    now: OpenPayee
    to_be: Details
    reason: str


async def propose_changes(
    session: AsyncSession, lines: Sequence[tuple[int, ChangeLine]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Propose changes; nothing is paid on them before a second person confirms and days pass."""
    keys = sorted({(line.partner, line.payee_id) for _, line in lines})
    partners = await partners_of(session, by)
    await change_rows.lock_payees(session, keys)
    payees = await payee_rows.opened_payees(session, keys, day=_day(now))
    waiting = await change_rows.with_a_change_waiting(session, keys, today=_day(now))
    rules = await ledger_rows.load_rulebook(session)
    answers, proposed = [], []
    for (number, line), new_id in zip(lines, new_ids(len(lines), now), strict=True):
        try:
            details = line.details(rules, _day(now))
            _check_proposable(line, details, partners, payees, waiting)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        key = line.partner, line.payee_id
        waiting.add(key)
        sealed = change_rows.seal_change(session, details, line.reason)
        shown, version = masked(details.account), payees[key].version + 1
        proposed.append(
            Change(new_id, *key, version, "proposed", sealed, shown, by.subject, proposed_at=now)
        )
        answers.append(accepted(number, new_id, account=shown))
    await change_rows.insert_changes(session, proposed)
    return answers


def _check_proposable(
    line: ChangeLine,
    details: Details,
    partners: frozenset[str],
    payees: Mapping[tuple[str, str], OpenPayee],
    waiting: set[tuple[str, str]],
) -> None:
    """Refuse a payee as it is to be that may not be proposed now."""
    key = line.partner, line.payee_id
    if line.partner not in partners:
        raise OutsideScope(field="partner")
    if key not in payees:
        raise PayeeUnknown(field="payee_id")
    if details == payees[key].details:
        raise NothingChanges()
    if key in waiting:
        raise ChangeOpen(field="payee_id")


async def decide_changes(
    session: AsyncSession, lines: Sequence[tuple[int, DecisionLine]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Confirm as somebody else than who proposed, or refuse; until a file pays to it it can be."""
    ids = [line.change_id for _, line in lines]
    # No bank file of these offices is written meanwhile: it would pay to what is refused here.
    await lock_beneficiaries(session, await change_rows.partners_of_changes(session, ids))
    changes = await change_rows.changes_locked(session, ids)
    paid = await change_rows.files_that_pay(session, ids)
    rules = await ledger_rows.load_rulebook(session)
    answers = []
    decided: dict[str, Change] = {}
    for number, line in lines:
        try:
            change = _open_change(changes.get(line.change_id), by=by)
            if line.decision is Verdict.CONFIRM:
                change = _confirmed(change, rules, by=by, now=now)
            else:
                change = _refused(change, paid, by=by, now=now)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        changes[change.change_id] = decided[change.change_id] = change
        first_day = change.in_force_from.isoformat() if change.in_force_from else None
        answers.append(
            accepted(number, change.change_id, state=change.state, in_force_from=first_day)
        )
    await change_rows.decide(session, list(decided.values()))
    return answers


def _open_change(change: Change | None, *, by: Person) -> Change:
    """The change, if it is there for this person."""
    if change is None:
        raise ChangeUnknown(field="change_id")
    by.must(OFFICE, change.partner)
    return change


def _confirmed(change: Change, rules: Rulebook, *, by: Person, now: datetime) -> Change:
    """The change confirmed by a second person; in force after the days of the parameter."""
    if change.state != "proposed":
        raise ChangeDecided(field="change_id", state=change.state)
    if change.proposed_by == by.subject:
        raise FourEyes(field="change_id")
    days = int(rules.value(PAYEE_CHANGE_DAYS, _day(now), change.partner))
    return replace(
        change,
        state="confirmed",
        confirmed_by=by.subject,
        confirmed_at=now,
        in_force_from=_day(now) + timedelta(days=days),
    )


def _refused(change: Change, paid: Mapping[str, str], *, by: Person, now: datetime) -> Change:
    """The change refused: proposed, or confirmed and still waiting with no file that pays to it."""
    waits = change.in_force_from is not None and change.in_force_from > _day(now)
    if change.state == "refused" or (change.state == "confirmed" and not waits):
        raise ChangeDecided(field="change_id", state=change.state)
    if change.change_id in paid:
        raise ChangePaid(field="change_id", file_id=paid[change.change_id])
    return replace(change, state="refused", refused_by=by.subject, refused_at=now)


def _day(now: datetime) -> date:
    """The day in Riga."""
    return now.astimezone(TIMEZONE).date()


async def changes_of(
    session: AsyncSession,
    partner: str,
    *,
    state: str | None,
    after: str,
    limit: int,
    by: Person,
) -> list[Change]:
    """A page of the changes of an office's payees, accounts masked."""
    by.must(OFFICE, partner)
    return await change_rows.changes_of(session, partner, state=state, after=after, limit=limit)


async def compare(
    session: AsyncSession, partner: str, change_id: str, *, by: Person, now: datetime
) -> Compared:
    """A change beside the payee as it is, for who decides; both reads are logged."""
    by.must(OFFICE, partner)
    change = await change_rows.change_of(session, partner, change_id)
    if change is None:
        raise ChangeUnknown()
    to_be, reason = await change_rows.open_change(session, change, reader=by, now=now)
    key = change.partner, change.payee_id
    found = await payee_rows.read_payees(
        session, [key], day=_day(now), reader=by, reason="compared with a change", now=now
    )
    return Compared(change, found[key], to_be, reason)
