"""What is done with a committee: name it, declare interests, assign, give marks."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, call_rows, committee_rows, mark_rows
from services.ngo_grants.application_rules import TAKES_PART
from services.ngo_grants.calls import organiser
from services.ngo_grants.commands import (
    AssignmentLine,
    CommitteeEntry,
    Declaration,
    MarkLine,
    MemberEntry,
)
from services.ngo_grants.committee_rows import NamedMember
from services.ngo_grants.committee_rules import (
    Committee,
    ConflictOfInterest,
    DeclarationMissing,
    MarkTwice,
    NotInCommittee,
    UnknownApplication,
    UnknownCriterion,
    UnknownInterest,
    check_size,
)
from services.ngo_grants.domain import OPEN_FOR_MARKS, Call, CallState, WrongMove
from services.ngo_grants.mark_rows import Mark
from services.ngo_grants.scoring import Criterion, checked_mark, half_points_of
from services.ngo_grants.vocabulary import INTEREST_KINDS
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.errors import Refused
from shared.privacy import FieldCipher, Pseudonyms
from shared.registration_number import check_registration_number

BEFORE_DECISION = frozenset({CallState.PUBLISHED, *OPEN_FOR_MARKS})


async def name_committee(
    session: AsyncSession, call_id: str, entry: CommitteeEntry, *, by: Person, now: datetime
) -> Call:
    """Let these people be the committee of a call; the marks of who leaves are void."""
    call = await call_rows.locked(session, call_id)
    organiser(by, call.municipality_id)
    _check_state(call, BEFORE_DECISION, "committee")
    check_size([member.subject for member in entry.members], call.rules.quorum)
    for at, member in enumerate(entry.members):
        for employer in member.employers:
            check_registration_number(employer, field=f"members.{at}.employers")
    settings = session.info["settings"]
    cipher, pseudonyms = FieldCipher.of(settings), Pseudonyms.of(settings)
    members = [_named(member, cipher, pseudonyms) for member in entry.members]
    await committee_rows.keep_members(session, call_id, members, by=by.subject, now=now)
    return call


def _check_state(call: Call, states: frozenset[CallState], asked: str) -> None:
    """Refuse what does not fit where the call stands."""
    if call.state not in states:
        raise WrongMove(call_id=call.call_id, state=call.state, asked=asked)


def _named(member: MemberEntry, cipher: FieldCipher, pseudonyms: Pseudonyms) -> NamedMember:
    """A member with the name sealed and the address digested."""
    household = member.household
    return NamedMember(
        subject=member.subject,
        sealed_name=cipher.seal(member.name),
        employers=tuple(sorted(set(member.employers))),
        household_ref=pseudonyms.household_ref(household) if household else None,
    )


def in_committee(committee: Committee, call: Call, by: Person) -> None:
    """Refuse whoever is not a member of the call's committee."""
    by.must({Role.EVALUATOR}, call.municipality_id)
    member = committee.members.get(by.subject)
    if member is None or not member.active:
        raise NotInCommittee(call_id=call.call_id)


async def declare_interests(
    session: AsyncSession, call_id: str, declared: Declaration, *, by: Person, now: datetime
) -> None:
    """Write a member's interests by organisation, before anything is shown; more may be added."""
    call = await call_rows.locked(session, call_id)
    in_committee(await committee_rows.committee_of(session, call_id), call, by)
    _check_state(call, BEFORE_DECISION, "declare")
    known = {word.code for word in INTEREST_KINDS}
    for at, interest in enumerate(declared.interests):
        check_registration_number(
            interest.registration_number, field=f"interests.{at}.registration_number"
        )
        if interest.kind not in known:
            raise UnknownInterest(field=f"interests.{at}.kind")
    interests = {i.registration_number: i.kind for i in declared.interests}
    await committee_rows.declare(session, call_id, by.subject, interests, now=now)


async def assign_evaluators(
    session: AsyncSession,
    call_id: str,
    lines: Sequence[tuple[int, AssignmentLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Say who evaluates what; nobody is assigned to an applicant they have an interest in."""
    call = await call_rows.locked(session, call_id)
    organiser(by, call.municipality_id)
    _check_state(call, OPEN_FOR_MARKS, "assign")
    committee = await committee_rows.committee_of(session, call_id)
    present = [a.application_id for a in await application_rows.of_call(session, call_id)]
    viewer = by.subject if by.subject in committee.members else None
    known = frozenset(committee.seen_by(present, viewer))
    answers: list[LineAnswer] = []
    pairs: list[tuple[str, str]] = []
    for number, line in lines:
        why = _why_not(line, committee, known)
        answers.append(refused(number, why) if why else accepted(number, line.application_id))
        if why is None:
            pairs.append((line.application_id, line.evaluator))
    await committee_rows.assign(session, call_id, set(pairs), by=by.subject, now=now)
    return answers


def _why_not(line: AssignmentLine, committee: Committee, known: frozenset[str]) -> Refused | None:
    """What speaks against an assignment."""
    if line.application_id not in known:
        return UnknownApplication(field="application_id")
    member = committee.members.get(line.evaluator)
    if member is None or not member.active:
        return NotInCommittee(field="evaluator")
    if committee.hides(line.application_id, line.evaluator):
        return ConflictOfInterest(field="evaluator")
    return None


async def give_marks(
    session: AsyncSession,
    call_id: str,
    lines: Sequence[tuple[int, MarkLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Keep a member's own marks; each line is answered, what is hidden is unknown."""
    call = await call_rows.held(session, call_id)
    committee = await committee_rows.committee_of(session, call_id)
    in_committee(committee, call, by)
    _check_state(call, OPEN_FOR_MARKS, "marks")
    if not committee.members[by.subject].declared:
        raise DeclarationMissing(call_id=call_id)
    present = await application_rows.of_call(session, call_id, TAKES_PART)
    mine = frozenset(
        a.application_id for a in present if committee.counts(a.application_id, by.subject)
    )
    criteria = {leaf.code: leaf for leaf in call.rules.criteria.leaves}
    seen: set[tuple[str, str]] = set()
    marks: list[Mark] = []
    answers: list[LineAnswer] = []
    for number, line in lines:
        try:
            marks.append(_mark(line, mine, criteria, seen))
            answers.append(accepted(number, line.application_id))
        except Refused as why:
            answers.append(refused(number, why))
    await mark_rows.keep(session, call_id, by.subject, marks, now=now)
    return answers


def _mark(
    line: MarkLine,
    mine: frozenset[str],
    criteria: Mapping[str, Criterion],
    seen: set[tuple[str, str]],
) -> Mark:
    """One line as a mark, or a refusal; `seen` grows by what this command marked."""
    if line.application_id not in mine:
        raise UnknownApplication(field="application_id")
    if line.criterion not in criteria:
        raise UnknownCriterion(field="criterion")
    half_points = line.half_points
    if half_points is None:
        half_points = half_points_of(line.points or "")
    checked_mark(half_points, criteria[line.criterion])
    if (line.application_id, line.criterion) in seen:
        raise MarkTwice(field="criterion")
    seen.add((line.application_id, line.criterion))
    return Mark(line.application_id, line.criterion, half_points)
