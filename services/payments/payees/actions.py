"""Payees: who can be paid by a payment office, with name and account sealed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.domain import Written
from services.payments.files.domain import ID_CHARACTERS_MAX, NAME_CHARACTERS_MAX
from services.payments.ledger import store as ledger_rows
from services.payments.orders.store import new_ids
from services.payments.payees import store as payee_rows
from services.payments.payees.iban import masked, normal_iban
from services.payments.payees.store import Details, NewPayee, OpenPayee
from services.payments.rulebook import WHOLE_ADDRESSES, Rulebook
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.calendar import TIMEZONE
from shared.contracts.base import Code, RegistrationNumber
from shared.contracts.payments import PayeeKind
from shared.errors import Invalid, NotFound, OutsideScope, Refused
from shared.registers import School, schools

OFFICE = (Role.PAYMENT_OFFICER,)
SCHOOL = (Role.PREPARER, Role.SCHOOL_COORDINATOR)


class PayeeDiffers(Refused):
    """This payee is here with another name or account; propose a change at /payees/changes."""

    code = "payee-differs"


class AddressIncomplete(Invalid):
    """An address has both town and country, or banks refuse it; enter both or leave both out."""

    code = "address-incomplete"


class PayeeUnknown(NotFound):
    """This payment office has no such payee."""

    code = "payee-unknown"


class DetailsLine(BaseModel):
    """Who is paid, for which payment office (partner), on which account.

    `code` is the personal code or registration number that a Treasury account needs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    partner: RegistrationNumber
    name: Written = Field(min_length=1, max_length=NAME_CHARACTERS_MAX)
    account: str = Field(min_length=15, max_length=42)
    code: str | None = Field(default=None, max_length=ID_CHARACTERS_MAX, pattern=r"^[\w-]+$")
    town: Written | None = Field(default=None, max_length=35)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")

    def details(self, rules: Rulebook, day: date) -> Details:
        """What is kept of it; raises BadIban, CountryNotPaid, AddressIncomplete."""
        whole = rules.find(WHOLE_ADDRESSES, day, self.partner)
        if self.country is None and self.town is not None:
            raise AddressIncomplete(field="country")
        if self.town is None and self.country is not None and whole:
            raise AddressIncomplete(field="town")
        return Details(
            name=" ".join(self.name.split()),
            account=normal_iban(self.account),
            code=self.code,
            town=self.town,
            country=self.country,
        )


class PayeeLine(DetailsLine):
    """A payee to enter; for grants the id is the organisation's registration number."""

    payee_id: Code | None = None
    kind: PayeeKind


async def enter_payees(
    session: AsyncSession, lines: Sequence[tuple[int, PayeeLine]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Enter payees; the same one again is accepted and changes nothing."""
    reading = _Reading(
        await partners_of(session, by),
        await ledger_rows.load_rulebook(session),
        now.astimezone(TIMEZONE).date(),
    )
    ids = new_ids(len(lines), now)
    read = [
        _read(number, line, reading, new) for (number, line), new in zip(lines, ids, strict=True)
    ]
    answers, new_ones = await _settled(session, read, reading.day)
    written = await payee_rows.insert_payees(session, new_ones, by=by.subject, now=now)
    if written < len(new_ones):
        # Somebody else entered some of them at this moment: what is there now decides.
        answers, _ = await _settled(session, read, reading.day)
    return answers


async def _settled(
    session: AsyncSession, read: Sequence[tuple[NewPayee | None, LineAnswer]], day: date
) -> tuple[list[LineAnswer], list[NewPayee]]:
    """An answer to each line by the payees that are there, and those that are new."""
    keys = [(payee.partner, payee.payee_id) for payee, _ in read if payee is not None]
    found = await payee_rows.opened_payees(session, keys, day=day)
    known = {key: (payee.kind, payee.details) for key, payee in found.items()}
    new_ones: list[NewPayee] = []
    answers = [
        _settle(payee, answer, known, new_ones) if payee else answer for payee, answer in read
    ]
    return answers, new_ones


async def partners_of(session: AsyncSession, by: Person) -> frozenset[str]:
    """The payment offices for which a person may enter payees: the own, or the school's."""
    own_schools = by.organisations(*SCHOOL)
    found: Mapping[str, School] = await schools(session, own_schools) if own_schools else {}
    return by.organisations(*OFFICE) | {school.partner for school in found.values()}


class _Reading(NamedTuple):
    """For which offices, by which rules and on which day payees are entered."""

    partners: frozenset[str]
    rules: Rulebook
    day: date


def _read(
    number: int, line: PayeeLine, reading: _Reading, new_id: str
) -> tuple[NewPayee | None, LineAnswer]:
    """The payee of a line, or the answer that refuses it."""
    try:
        if line.partner not in reading.partners:
            raise OutsideScope(field="partner")
        details = line.details(reading.rules, reading.day)
    except Refused as why:
        return None, refused(number, why)
    payee_id = line.payee_id or new_id
    shown = masked(details.account)
    payee = NewPayee(line.partner, payee_id, line.kind.value, details, shown)
    return payee, accepted(number, payee_id, account=shown)


def _settle(
    payee: NewPayee,
    answer: LineAnswer,
    known: dict[tuple[str, str], tuple[str, Details]],
    new_ones: list[NewPayee],
) -> LineAnswer:
    """New, the same again, or another under the same id."""
    key = payee.partner, payee.payee_id
    if key not in known:
        known[key] = payee.kind, payee.details
        new_ones.append(payee)
    elif known[key] != (payee.kind, payee.details):
        return refused(answer.line, PayeeDiffers(field="payee_id"))
    return answer


async def read_payee(
    session: AsyncSession, partner: str, payee_id: str, *, by: Person, now: datetime
) -> OpenPayee:
    """One payee with name and account, for its payment office; the read is logged."""
    by.must(OFFICE, partner)
    found = await payee_rows.read_payees(
        session,
        [(partner, payee_id)],
        day=now.astimezone(TIMEZONE).date(),
        reader=by,
        reason="looked up",
        now=now,
    )
    if not found:
        raise PayeeUnknown()
    return found[partner, payee_id]
