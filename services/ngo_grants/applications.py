"""What an organisation does with its application: draft, change, attach papers, file."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import applicant_rows, application_rows, call_rows, move_rows, paper_rows
from services.ngo_grants.application_rules import (
    AmountFixed,
    Application,
    OutsideWindow,
    Repeated,
    State,
    application_id_of,
    title_key,
)
from services.ngo_grants.calls import day_of
from services.ngo_grants.commands import (
    ChangedApplication,
    NewApplication,
)
from services.ngo_grants.domain import Call, CallState, WrongMove
from services.ngo_grants.form import Form, check_complete, problems
from shared.auth import Person, Role
from shared.errors import Invalid, Refused
from shared.privacy import FieldCipher
from shared.registration_number import check_registration_number

ATTACHMENT_BYTES_MAX = 3_000_000


class StaleVersion(Refused):
    """Somebody changed this since you read it; read it again."""

    code = "stale-version"


class AttachmentTooLarge(Invalid):
    """A paper is larger than allowed."""

    code = "attachment-too-large"
    status = 413


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether an application could be filed now: what stands against it, and until when."""

    problems: Sequence[Invalid]
    closes_on: date
    takes_applications: bool


async def start_application(
    session: AsyncSession, new: NewApplication, *, by: Person, now: datetime
) -> Application:
    """Begin a draft; it may lack anything, and can be filed inside the window only."""
    check_registration_number(new.registration_number, field="registration_number")
    by.must({Role.APPLICANT}, new.registration_number)
    call = await call_rows.held(session, new.call_id)
    _check_open(call, day_of(now))
    _check_amount(new.amount_cents, call)
    await applicant_rows.read(session, new.registration_number)
    number = await application_rows.next_of_applicant(
        session, call.call_id, new.registration_number
    )
    application_id = application_id_of(call.call_id, new.registration_number, number)
    await _check_once(session, application_id, call, new.registration_number, new.form)
    row = {
        "application_id": application_id,
        "call_id": call.call_id,
        "registration_number": new.registration_number,
        "created_by": by.subject,
    }
    await application_rows.add(session, row, new.form, title_key=title_key(new.form.title), now=now)
    return await application_rows.read(session, application_id)


def _check_open(call: Call, day: date) -> None:
    """Refuse what comes before the announcement or after the last day."""
    if call.state is not CallState.PUBLISHED or day > call.closes_on:
        raise _outside(call)


def _outside(call: Call) -> OutsideWindow:
    """The refusal with the window's days."""
    return OutsideWindow(
        call_id=call.call_id,
        opens_on=call.opens_on.isoformat(),
        closes_on=call.closes_on.isoformat(),
    )


def _check_amount(amount_cents: int | None, call: Call) -> None:
    """Refuse any other sum than the call's."""
    if amount_cents is not None and amount_cents != call.rules.grant_cents:
        raise AmountFixed(field="amount_cents", amount_cents_fixed=call.rules.grant_cents)


async def _check_once(
    session: AsyncSession, application_id: str, call: Call, registration_number: str, form: Form
) -> None:
    """Refuse a second application of the same project."""
    key = title_key(form.title)
    if await application_rows.has_project(
        session, call.call_id, registration_number, key, but=application_id
    ):
        raise Repeated(field="form.title", call_id=call.call_id)


async def change_application(
    session: AsyncSession,
    application_id: str,
    changed: ChangedApplication,
    *,
    by: Person,
    now: datetime,
) -> Application:
    """Put a form in the place of the one before, while the application is a draft."""
    call, application = await own(session, application_id, by)
    _check_open(call, day_of(now))
    _check_amount(changed.amount_cents, call)
    if application.state is not State.DRAFT:
        raise WrongMove(application_id=application_id, state=application.state, asked="changed")
    if changed.version is not None and changed.version != application.version:
        raise StaleVersion(field="version", version=application.version)
    await keep_form(session, call, application, changed.form)
    return await application_rows.read(session, application_id)


async def keep_form(
    session: AsyncSession, call: Call, application: Application, form: Form
) -> None:
    """Write a form if no other application of the organisation has this project."""
    number = application.registration_number
    await _check_once(session, application.application_id, call, number, form)
    await application_rows.keep_form(session, application, form, title_key=title_key(form.title))


async def own(session: AsyncSession, application_id: str, by: Person) -> tuple[Call, Application]:
    """The call (held) and the application (locked) of somebody of its organisation."""
    call_id = (await application_rows.read(session, application_id)).call_id
    call = await call_rows.held(session, call_id)
    application = await application_rows.locked_one(session, application_id)
    by.must({Role.APPLICANT}, application.registration_number)
    return call, application


async def attach(
    session: AsyncSession,
    application_id: str,
    kind: str,
    content: bytes,
    *,
    name: str,
    media_type: str,
    by: Person,
    now: datetime,
) -> str:
    """Keep a paper of a draft or a clarification, sealed; returns its SHA-256."""
    call, application = await own(session, application_id, by)
    if application.state is State.DRAFT:
        _check_open(call, day_of(now))
    elif application.state is not State.CLARIFICATION:
        raise WrongMove(application_id=application_id, state=application.state, asked="attach")
    if len(content) > ATTACHMENT_BYTES_MAX:
        raise AttachmentTooLarge(bytes=len(content), bytes_max=ATTACHMENT_BYTES_MAX)
    digest = hashlib.sha256(content).hexdigest()
    sealed = FieldCipher.of(session.info["settings"]).seal(base64.b64encode(content).decode())
    row = {
        "application_id": application_id,
        "kind": kind,
        "name": name,
        "media_type": media_type,
        "sha256": digest,
        "size_bytes": len(content),
        "sealed": sealed,
        "added_by": by.subject,
        "added_at": now,
    }
    await paper_rows.keep_attachment(session, row)
    return digest


async def completeness(
    session: AsyncSession, application: Application, *, day: date
) -> Completeness:
    """What an application still lacks, to be seen before the deadline."""
    call = await call_rows.read(session, application.call_id)
    found = await problems_of(session, call, application.application_id)
    return Completeness(found, call.closes_on, call.takes_on(day))


async def problems_of(session: AsyncSession, call: Call, application_id: str) -> list[Invalid]:
    """Everything that stands against filing."""
    form = await application_rows.form_of(session, application_id)
    papers = await paper_rows.attachments(session, application_id)
    kinds = [paper["kind"] for paper in papers]
    return problems(form, call.rules, year=call.year, attachments=kinds)


async def submit_application(
    session: AsyncSession, application_id: str, *, by: Person, now: datetime
) -> Application:
    """File a complete application inside the window."""
    call, application = await own(session, application_id, by)
    if not call.takes_on(day_of(now)):
        raise _outside(call)
    check_complete(await problems_of(session, call, application_id))
    await move_rows.move(session, [(application, State.SUBMITTED, None)], by=by.subject, now=now)
    await move_rows.mark_filed(session, application_id, by=by.subject, now=now)
    return await application_rows.read(session, application_id)
