"""Who may see which application; for a member with an interest it does not exist.

An organisation sees its own. Members see what they evaluate once they have declared. Organisers
see what was filed once the window is over. The state and its auditors see all that was filed.
"""

from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, call_rows, committee_rows
from services.ngo_grants.application_rows import NoSuchApplication
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.call_rows import UnknownCall
from services.ngo_grants.committee import in_committee
from services.ngo_grants.committee_rules import Committee, DeclarationMissing
from services.ngo_grants.domain import Call, CallState
from services.ngo_grants.standings import RANKED, committee_and_viewer
from services.ngo_grants.store import READ_LOG
from shared.auth import STATE, Person, Role
from shared.errors import OutsideScope
from shared.privacy import FieldCipher, log_reads

OVERSEERS = frozenset({Role.STATE_OFFICER, Role.AUDITOR})
AFTER_WINDOW = frozenset({CallState.CLOSED, CallState.DISCUSSION, CallState.DECIDED})
AFTER_DECISION = frozenset(RANKED) - {State.ADMISSIBLE, State.CLARIFICATION, State.SCORED}


async def visible_call(session: AsyncSession, call_id: str, by: Person) -> Call:
    """A call; drafts are for their organisers and overseers only."""
    call = await call_rows.read(session, call_id)
    if call.published_at is None and not _organises(by, call) and not oversees(by):
        raise UnknownCall(call_id=call_id)
    return call


def _organises(by: Person, call: Call) -> bool:
    """Whether somebody organises the municipality's calls."""
    return by.has(Role.CALL_ORGANISER, call.municipality_id)


def oversees(by: Person) -> bool:
    """Whether somebody reads for the whole state."""
    return bool(by.organisations(*OVERSEERS) & {STATE})


async def visible_application(
    session: AsyncSession, application_id: str, by: Person
) -> tuple[Application, bool]:
    """An application, and whether the person sees it as a member of the committee.

    Raises NoSuchApplication for what does not exist for the person, OutsideScope for strangers.
    """
    application = await application_rows.read(session, application_id)
    if by.has(Role.APPLICANT, application.registration_number):
        return application, False
    call = await call_rows.read(session, application.call_id)
    committee, viewer = await committee_and_viewer(session, call, by.subject)
    if viewer is not None:
        _check_member(committee, call, application, by)
        return application, True
    if application.state is State.DRAFT:
        raise NoSuchApplication(application_id=application_id)
    if oversees(by) or (_organises(by, call) and call.state in AFTER_WINDOW):
        return application, False
    raise OutsideScope(application_id=application_id)


def _check_member(committee: Committee, call: Call, application: Application, by: Person) -> None:
    """Refuse a member what does not exist for them, and everything before they declared."""
    hidden = committee.hides(application.application_id, by.subject)
    if hidden or application.state not in RANKED:
        raise NoSuchApplication(application_id=application.application_id)
    check_declared(committee, call, by)


def check_declared(committee: Committee, call: Call, by: Person) -> None:
    """Refuse a member who has not declared interests yet."""
    in_committee(committee, call, by)
    if not committee.members[by.subject].declared:
        raise DeclarationMissing(call_id=call.call_id)


async def visible_applications(
    session: AsyncSession, call_id: str, by: Person
) -> list[tuple[Application, bool]]:
    """The applications of a call that exist for a person, each as above."""
    call = await visible_call(session, call_id, by)
    every = await application_rows.of_call(session, call_id)
    committee, viewer = await committee_and_viewer(session, call, by.subject)
    if viewer is not None:
        check_declared(committee, call, by)
        seen = set(committee.seen_by((a.application_id for a in every), viewer))
        return [(a, True) for a in every if a.application_id in seen and a.state in RANKED]
    if oversees(by) or (_organises(by, call) and call.state in AFTER_WINDOW):
        return [(a, False) for a in every if a.state is not State.DRAFT]
    own = by.organisations(Role.APPLICANT)
    return [(a, False) for a in every if a.registration_number in own]


async def committee_viewer(
    session: AsyncSession, call: Call, by: Person
) -> tuple[Committee, str | None]:
    """The committee and the person as a viewer of scores; refuses whoever is neither.

    Members must have declared; organisers of the municipality and overseers see all.
    """
    committee, viewer = await committee_and_viewer(session, call, by.subject)
    if viewer is not None:
        check_declared(committee, call, by)
    elif not oversees(by):
        by.must({Role.CALL_ORGANISER}, call.municipality_id)
    return committee, viewer


async def member_names(
    session: AsyncSession, call: Call, *, reason: str, by: Person, now: datetime
) -> list[tuple[RowMapping, str]]:
    """The active members of a committee with their names; the read is logged."""
    rows = await committee_rows.member_rows(session, call.call_id)
    active = [row for row in rows if row["left_at"] is None]
    await log_reads(
        session,
        READ_LOG,
        reader=by,
        subject_refs=[f"member:{call.call_id}:{row['subject']}" for row in active],
        fields=["name"],
        reason=reason,
        now=now,
    )
    cipher = FieldCipher.of(session.info["settings"])
    return [(row, cipher.open(row["sealed_name"]) if row["sealed_name"] else "") for row in active]


async def may_read_people(session: AsyncSession, registration_number: str, by: Person) -> None:
    """Refuse whoever has nothing to do with an organisation's applications.

    Organisers who sit in a call's committee get nothing through that call.
    """
    if by.has(Role.APPLICANT, registration_number) or oversees(by):
        return
    organises = sorted(by.organisations(Role.CALL_ORGANISER))
    if not await application_rows.has_filed(
        session, registration_number, municipality_ids=organises, not_member=by.subject
    ):
        raise OutsideScope(registration_number=registration_number)
