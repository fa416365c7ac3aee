"""Doors about the person who asks, names for references, and records of imports."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked

from services.identification import imports, needs, people
from services.identification.entries import Names
from services.identification.grant_rows import grants_at
from services.identification.need_shown import Needs, NeedShown
from services.identification.pupil_shown import ImportRead, Imports, ImportShown
from services.identification.shown import GrantShown, Me, NamesShown
from shared.auth import STATE, Role
from shared.contracts.base import Semester
from shared.errors import Forbidden
from shared.web import Query, query

router = APIRouter()

PAGE_MAX = 1_000
IMPORTERS = (Role.SCHOOL_REGISTER, Role.SCHOOL_COORDINATOR, Role.STATE_OFFICER, Role.AUDITOR)
OVERSEERS = (Role.STATE_OFFICER, Role.AUDITOR)


class NotYourImport(Forbidden):
    """Somebody else sent this import; only that person, the state and auditors read its record."""

    code = "not-your-import"


@router.get("/me", tags=["me"])
async def who_am_i(asked: Annotated[Query, query()]) -> Me:
    """What you may do today, and which of your grants wait for what."""
    waiting = await grants_at(
        asked.session, subject=asked.person.subject, state="waiting", limit=PAGE_MAX
    )
    return Me(
        subject=asked.person.subject,
        grants=[
            {
                "role": grant.role,
                "organisation": grant.organisation,
                "staff_ref": grant.staff_ref,
                "staff_kind": grant.staff_kind,
                "valid_from": grant.valid_from.isoformat(),
                "valid_to": grant.valid_to.isoformat() if grant.valid_to else None,
            }
            for grant in asked.person.grants
        ],
        waiting=[GrantShown.model_validate(row) for row in waiting],
    )


@router.post("/names", tags=["people"])
async def read_names(wanted: Names, asked: Annotated[Query, query(*people.READ_BY)]) -> NamesShown:
    """Names of pupils and staff you may see; every name read is written down with the reason."""
    names, closed = await people.read_names(
        asked.session, wanted.refs, by=asked.person, reason=wanted.reason, now=asked.now
    )
    return NamesShown(names=names, closed=closed)


@router.get("/needs-me", tags=["me"])
async def who_needs_me(
    asked: Annotated[Query, query(*needs.ASKED_BY)],
    school_id: Annotated[str | None, Asked()] = None,
    semester: Annotated[Semester | None, Asked()] = None,
    after: Annotated[str, Asked()] = "",
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = 200,
) -> Needs:
    """Pupils of your schools who wait for somebody: why, what is next, and whether for you."""
    mine = asked.person.organisations(*needs.ASKED_BY)
    if school_id is not None:
        asked.person.must(needs.ASKED_BY, school_id)
    found = semester or await needs.semester_now(asked.session, asked.now)
    pupils = await needs.who_needs(
        asked.session,
        by=asked.person,
        schools=[school_id] if school_id else sorted(mine),
        semester=found,
        after=after,
        limit=limit,
    )
    return Needs(
        semester=found,
        pupils=[NeedShown.model_validate(need) for need in pupils],
        next=pupils[-1].pupil_ref if len(pupils) == limit else None,
    )


@router.get("/imports", tags=["imports"])
async def list_imports(
    asked: Annotated[Query, query(*IMPORTERS)],
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = 100,
) -> Imports:
    """The latest runs of imports: your own, or everybody's for the state and auditors."""
    sees_all = any(asked.person.has(role, STATE) for role in OVERSEERS)
    subject = None if sees_all else asked.person.subject
    rows = await imports.imports_by(asked.session, subject=subject, limit=limit)
    return Imports(imports=[ImportShown.model_validate(row) for row in rows])


@router.get("/imports/{import_id}", tags=["imports"])
async def read_import(import_id: str, asked: Annotated[Query, query(*IMPORTERS)]) -> ImportRead:
    """One run: rows in, accepted, refused, and the reason of each refused line."""
    row = await imports.import_of(asked.session, import_id)
    sees_all = any(asked.person.has(role, STATE) for role in OVERSEERS)
    if row["imported_by"] != asked.person.subject and not sees_all:
        raise NotYourImport()
    return ImportRead.model_validate(row)
