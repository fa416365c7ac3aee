"""Applications and their history as rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.applicant_rows import APPLICANTS
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.call_rows import CALLS
from services.ngo_grants.form import Form
from services.ngo_grants.store import METADATA, moments, one_of, words
from shared.errors import NotFound

APPLICATIONS = Table(
    "applications",
    METADATA,
    Column("application_id", Text, primary_key=True),
    Column("call_id", Text, ForeignKey("calls.call_id"), nullable=False),
    Column(
        "registration_number", Text, ForeignKey("applicants.registration_number"), nullable=False
    ),
    *words("state", "title", "title_key", "created_by"),
    Column("form", JSONB, nullable=False),
    Column("partner_numbers", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    Column("place", Integer),
    Column("total", Text),
    Column("reasons", JSONB),
    Column("submitted_by", Text),
    *moments("created_at"),
    *moments("submitted_at", nullable=True),
    one_of("state", State),
    Index("applications_by_call", "call_id", "state"),
    Index("applications_by_applicant", "registration_number"),
    Index(
        "applications_project_once",
        "call_id",
        "registration_number",
        "title_key",
        unique=True,
        postgresql_where=text("state NOT IN ('withdrawn', 'lapsed') AND title_key <> ''"),
    ),
)
_LIGHT = (
    APPLICATIONS.c.application_id,
    APPLICATIONS.c.call_id,
    CALLS.c.municipality_id,
    APPLICATIONS.c.registration_number,
    APPLICANTS.c.name.label("applicant"),
    APPLICATIONS.c.state,
    APPLICATIONS.c.version,
    APPLICATIONS.c.title,
    APPLICATIONS.c.created_by,
    APPLICATIONS.c.submitted_by,
    APPLICATIONS.c.submitted_at,
    APPLICATIONS.c.place,
    APPLICATIONS.c.total,
    APPLICATIONS.c.reasons,
)
_JOINED = APPLICATIONS.join(CALLS, CALLS.c.call_id == APPLICATIONS.c.call_id).join(
    APPLICANTS, APPLICANTS.c.registration_number == APPLICATIONS.c.registration_number
)


class NoSuchApplication(NotFound):
    """There is no such application."""

    code = "unknown-application"


async def next_of_applicant(session: AsyncSession, call_id: str, registration_number: str) -> int:
    """The number of an organisation's next application in a call; the organisation waits in line.

    Numbers run per organisation, so that nobody learns from them what others filed.
    """
    await session.execute(
        select(APPLICANTS.c.version)
        .where(APPLICANTS.c.registration_number == registration_number)
        .with_for_update()
    )
    counted = await session.scalar(
        select(func.count())
        .select_from(APPLICATIONS)
        .where(APPLICATIONS.c.call_id == call_id)
        .where(APPLICATIONS.c.registration_number == registration_number)
    )
    return (counted or 0) + 1


async def add(
    session: AsyncSession, row: Mapping[str, Any], form: Form, *, title_key: str, now: datetime
) -> None:
    """Write a new draft."""
    await session.execute(
        insert(APPLICATIONS).values(
            **row, **_form_columns(form, title_key), state=State.DRAFT, version=1, created_at=now
        )
    )


async def keep_form(
    session: AsyncSession, application: Application, form: Form, *, title_key: str
) -> int:
    """Put a form in the place of the one before; returns the application's new version."""
    kept = await session.scalar(
        update(APPLICATIONS)
        .where(APPLICATIONS.c.application_id == application.application_id)
        .values(**_form_columns(form, title_key), version=APPLICATIONS.c.version + 1)
        .returning(APPLICATIONS.c.version)
    )
    assert kept is not None
    return int(kept)


def _form_columns(form: Form, title_key: str) -> dict[str, Any]:
    """The columns a form fills."""
    numbers = {p.registration_number for p in form.partners if p.registration_number is not None}
    return {
        "form": form.model_dump(mode="json"),
        "title": form.title,
        "title_key": title_key,
        "partner_numbers": sorted(numbers),
    }


async def has_project(
    session: AsyncSession, call_id: str, registration_number: str, title_key: str, *, but: str
) -> bool:
    """Whether the organisation has another living application with this title in the call."""
    if not title_key:
        return False
    found = await session.scalar(
        select(APPLICATIONS.c.application_id)
        .where(APPLICATIONS.c.call_id == call_id, APPLICATIONS.c.title_key == title_key)
        .where(APPLICATIONS.c.registration_number == registration_number)
        .where(APPLICATIONS.c.state.not_in((State.WITHDRAWN, State.LAPSED)))
        .where(APPLICATIONS.c.application_id != but)
        .limit(1)
    )
    return found is not None


async def locked(session: AsyncSession, *application_ids: str) -> dict[str, Application]:
    """Applications by id in order of ids, for whoever changes or tells; unknown ones are absent."""
    asked = (
        select(*_LIGHT)
        .select_from(_JOINED)
        .where(APPLICATIONS.c.application_id.in_(sorted(set(application_ids))))
        .order_by(APPLICATIONS.c.application_id)
        .with_for_update(of=APPLICATIONS)
    )
    rows = (await session.execute(asked)).mappings()
    return {row["application_id"]: application_of(row) for row in rows}


async def locked_one(session: AsyncSession, application_id: str) -> Application:
    """One application, for whoever changes it; raises NoSuchApplication."""
    found = await locked(session, application_id)
    if application_id not in found:
        raise NoSuchApplication(application_id=application_id)
    return found[application_id]


async def read(session: AsyncSession, application_id: str) -> Application:
    """One application; raises NoSuchApplication."""
    asked = (
        select(*_LIGHT).select_from(_JOINED).where(APPLICATIONS.c.application_id == application_id)
    )
    row = (await session.execute(asked)).mappings().first()
    if row is None:
        raise NoSuchApplication(application_id=application_id)
    return application_of(row)


async def form_of(session: AsyncSession, application_id: str) -> Form:
    """The form of an application that exists."""
    asked = select(APPLICATIONS.c.form).where(APPLICATIONS.c.application_id == application_id)
    return Form.model_validate((await session.execute(asked)).scalar_one())


async def of_call(
    session: AsyncSession,
    call_id: str,
    states: Iterable[State] = (),
    *,
    registration_number: str | None = None,
    lock: bool = False,
) -> list[Application]:
    """The applications of a call by id, in all states or some."""
    asked = (
        select(*_LIGHT)
        .select_from(_JOINED)
        .where(APPLICATIONS.c.call_id == call_id)
        .order_by(APPLICATIONS.c.application_id)
    )
    wanted = tuple(states)
    if wanted:
        asked = asked.where(APPLICATIONS.c.state.in_(wanted))
    if registration_number is not None:
        asked = asked.where(APPLICATIONS.c.registration_number == registration_number)
    if lock:
        asked = asked.with_for_update(of=APPLICATIONS)
    return [application_of(row) for row in (await session.execute(asked)).mappings()]


def application_of(row: RowMapping) -> Application:
    """A row as a value."""
    values = {name: row[name] for name in Application.__slots__ if name != "state"}
    return Application(**values, state=State(row["state"]))


async def has_filed(
    session: AsyncSession,
    registration_number: str,
    *,
    municipality_ids: Sequence[str],
    not_member: str,
) -> bool:
    """Whether an organisation filed in a closed call of these, whose committee lacks the person."""
    found = await session.scalar(
        _HAS_FILED,
        {
            "registration_number": registration_number,
            "municipality_ids": list(municipality_ids),
            "subject": not_member,
        },
    )
    return bool(found)


_HAS_FILED = text("""
    SELECT EXISTS (
        SELECT 1 FROM applications a JOIN calls c ON c.call_id = a.call_id
        WHERE a.registration_number = :registration_number AND a.submitted_at IS NOT NULL
          AND c.municipality_id = ANY(CAST(:municipality_ids AS text[]))
          AND c.closed_on IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM committee_members m
                          WHERE m.call_id = c.call_id AND m.subject = :subject))
""")
