"""Allocations: entered by one officer of the state, approved by another; reserved again; shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.allocations import store as allocation_rows
from services.payments.allocations.domain import (
    Act,
    Allocation,
    AllocationKey,
    Decision,
    Kind,
    Year,
    YearKey,
    apply,
    check_second_person,
)
from services.payments.domain import PartnerUnknown
from services.payments.ledger import store as ledger_rows
from services.payments.orders.store import new_ids
from services.payments.store import partners_among
from shared.auth import STATE, Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.bus.outbox import publish
from shared.calendar import TIMEZONE
from shared.contracts.allocations import AllocationChanged, YearlyMaximumSet
from shared.contracts.base import Cents, Code, Fact, RegistrationNumber, Semester
from shared.errors import Refused

ALLOCATORS = (Role.STATE_OFFICER,)
READERS = (
    Role.PAYMENT_OFFICER,
    Role.MUNICIPALITY_COORDINATOR,
    Role.AUDITOR,
    Role.STATE_OFFICER,
)


class ActLine(BaseModel):
    """What is to be done to an allocation; it counts once a second officer approves it.

    `set`, `increase` and `decrease` name a semester, `transfer` also where the money goes (another
    partner, another semester, or both), `yearly_maximum` a school year by its first year.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    partner: RegistrationNumber
    semester: Semester | None = None
    school_year: str | None = Field(default=None, pattern=r"^20\d\d$")
    to_partner: RegistrationNumber | None = None
    to_semester: Semester | None = None
    cents: Cents = Field(strict=True)
    learners: int | None = Field(default=None, strict=True, ge=1)
    reason: str = Field(min_length=3, max_length=300)

    @model_validator(mode="after")
    def _fields_fit_the_kind(self) -> Self:
        """Each kind has its fields and no others."""
        is_year = self.kind is Kind.YEARLY_MAXIMUM
        if is_year != (self.school_year is not None) or is_year == (self.semester is not None):
            raise ValueError("yearly_maximum needs school_year, every other kind semester")
        if self.learners is not None and not is_year:
            raise ValueError("learners belong to yearly_maximum")
        moves = self.to_partner is not None or self.to_semester is not None
        if moves != (self.kind is Kind.TRANSFER):
            raise ValueError("transfer, and it alone, needs to_partner or to_semester")
        stays = (self.to_partner or self.partner, self.to_semester or self.semester)
        if moves and stays == (self.partner, self.semester):
            raise ValueError("a transfer goes to another partner or another semester")
        if self.cents == 0 and self.kind not in (Kind.SET, Kind.YEARLY_MAXIMUM):
            raise ValueError("nothing is no change; give the cents")
        return self


class DecisionLine(BaseModel):
    """What a second officer says of an act."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    act_id: Code
    decision: Decision
    comment: str = Field(default="", max_length=300)


async def enter_acts(
    session: AsyncSession, lines: Sequence[tuple[int, ActLine]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Write acts down; each waits for somebody else's decision."""
    by.must(ALLOCATORS, STATE)
    named = {name for _, line in lines for name in (line.partner, line.to_partner) if name}
    partners = await partners_among(session, named)
    acts, answers = list[Act](), list[LineAnswer]()
    for act_id, (number, line) in zip(new_ids(len(lines), now), lines, strict=True):
        if line.partner not in partners:
            answers.append(refused(number, PartnerUnknown(field="partner")))
        elif line.to_partner is not None and line.to_partner not in partners:
            answers.append(refused(number, PartnerUnknown(field="to_partner")))
        else:
            acts.append(_act(line, act_id, by))
            answers.append(accepted(number, act_id))
    await allocation_rows.add_acts(session, acts, at=now)
    return answers


def _act(line: ActLine, act_id: str, by: Person) -> Act:
    """A line as the act it becomes."""
    semester = line.semester or line.school_year or ""
    is_transfer = line.kind is Kind.TRANSFER
    return Act(
        act_id=act_id,
        kind=line.kind.value,
        partner=line.partner,
        semester=semester,
        to_partner=(line.to_partner or line.partner) if is_transfer else None,
        to_semester=(line.to_semester or semester) if is_transfer else None,
        cents=line.cents,
        learners=line.learners,
        reason=line.reason,
        entered_by=by.subject,
    )


@dataclass
class _Deciding:
    """What a bulk of decisions changes."""

    by: Person
    now: datetime
    municipalities: dict[str, str]
    allocations: dict[AllocationKey, Allocation]
    years: dict[YearKey, Year]
    rows: list[tuple[str, str, str, str, str, datetime]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


async def decide_acts(
    session: AsyncSession, lines: Sequence[tuple[int, DecisionLine]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Approve or reject acts somebody else entered; what is approved counts at once and is told."""
    by.must(ALLOCATORS, STATE)
    acts = await allocation_rows.acts_held(session, (line.act_id for _, line in lines))
    decided = {act_id for act_id, (_, is_decided) in acts.items() if is_decided}
    deciding = await _open(session, [act for act, _ in acts.values()], by=by, now=now)
    answers = []
    for number, line in lines:
        try:
            act = acts[line.act_id][0] if line.act_id in acts else None
            act = check_second_person(act, line.act_id in decided, by=by.subject)
            _decide(deciding, act, line)
        except Refused as why:
            answers.append(refused(number, why))
        else:
            decided.add(act.act_id)
            answers.append(accepted(number, act.act_id, decision=line.decision.value))
    await allocation_rows.add_decisions(session, deciding.rows)
    await allocation_rows.keep(session, deciding.allocations.values(), deciding.years.values())
    await publish(session, deciding.facts, at=now)
    return answers


async def _open(
    session: AsyncSession, acts: Sequence[Act], *, by: Person, now: datetime
) -> _Deciding:
    """Hold everything the acts are about: allocations in key order, then school years."""
    keys = {key for act in acts for key in act.changes()}
    rules = await ledger_rows.load_rulebook(session)
    partners = {partner for act in acts for partner in (act.partner, act.to_partner) if partner}
    return _Deciding(
        by=by,
        now=now,
        municipalities=await allocation_rows.municipalities_of(session, partners),
        allocations=await allocation_rows.hold_allocations(session, keys, rules),
        years=await allocation_rows.hold_years(session, {y for act in acts for y in act.years()}),
    )


def _decide(deciding: _Deciding, act: Act, line: DecisionLine) -> None:
    """Write a decision down, and where it approves do what the act says."""
    if line.decision is Decision.APPROVED:
        apply(act, deciding.allocations, deciding.years)
        deciding.facts += _told(deciding, act)
    deciding.rows.append(
        (
            act.act_id,
            line.decision.value,
            act.entered_by,
            deciding.by.subject,
            line.comment,
            deciding.now,
        )
    )


def _told(deciding: _Deciding, act: Act) -> list[Fact]:
    """The facts of an approved act: one for each allocation it changed, or for the school year."""
    about = {
        "act_id": act.act_id,
        "entered_by": act.entered_by,
        "approved_by": deciding.by.subject,
        "approved_on": deciding.now.astimezone(TIMEZONE).date(),
    }
    if act.kind == Kind.YEARLY_MAXIMUM:
        year = deciding.years[act.partner, act.semester]
        return [
            YearlyMaximumSet(
                **about,
                about_key=f"{act.partner}/{act.semester}",
                partner=act.partner,
                municipality_id=deciding.municipalities[act.partner],
                version=year.version,
                school_year=act.semester,
                maximum_cents=act.cents,
                learners=act.learners,
            )
        ]
    source = act.partner, act.semester
    others = {source: act.target, act.target: source} if act.kind == Kind.TRANSFER else {}
    return [
        AllocationChanged(
            **about,
            about_key=f"{partner}/{semester}",
            partner=partner,
            municipality_id=deciding.municipalities[partner],
            version=deciding.allocations[partner, semester].version,
            semester=semester,
            kind=act.kind,
            change_cents=change,
            allocated_cents=deciding.allocations[partner, semester].allocated,
            other_partner=others.get((partner, semester), (None, None))[0],
            other_semester=others.get((partner, semester), (None, None))[1],
        )
        for (partner, semester), change in act.changes().items()
    ]


async def acts_of(
    session: AsyncSession,
    *,
    partner: str | None,
    decision: str | None,
    after: str,
    limit: int,
    by: Person,
) -> Sequence[RowMapping]:
    """A page of acts with what became of them; all partners' for the state only."""
    by.must(READERS, *([partner] if partner else []), STATE)
    return await allocation_rows.list_acts(
        session, partner=partner, decision=decision, after=after, limit=limit
    )


async def standing(
    session: AsyncSession, partner: str, school_year: str, *, by: Person
) -> tuple[Year, Sequence[RowMapping]]:
    """How a partner's school year and its semesters stand."""
    by.must(READERS, partner, STATE)
    year = await allocation_rows.year_of(session, partner, school_year)
    return year, await allocation_rows.standing(session, partner, school_year)
