"""Doors to applicants: register, read, names with a reason, who read them, erasing old ones."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel
from starlette.responses import Response

from services.ngo_grants import applicant_rows, applicants, erasure, erasure_rows
from services.ngo_grants.commands import ErasureOrder, NewApplicant
from services.ngo_grants.reading import may_read_people, oversees
from shared.auth import STATE, Role
from shared.web import Command, Query, command, query

router = APIRouter(tags=["applicants"])
READS_MAX = 1_000


class ApplicantView(BaseModel):
    """An organisation without its people."""

    registration_number: str
    name: str
    kind: str
    youth_work: str
    youth_group: str | None
    version: int


class RegisteredView(BaseModel):
    """An organisation was entered or changed."""

    registration_number: str
    version: int


class PersonView(BaseModel):
    """Somebody of an organisation; erased names are null."""

    number: int
    kind: str
    name: str | None
    email: str | None
    phone: str | None
    employer: str | None


class PeopleView(BaseModel):
    """The people of an organisation."""

    people: list[PersonView]


class ReadView(BaseModel):
    """One look at somebody's fields."""

    read_at: datetime
    reader: str
    subject_ref: str
    fields: list[str]
    reason: str


class ReadsView(BaseModel):
    """Who looked, newest first."""

    reads: list[ReadView]


class ErasureView(BaseModel):
    """How many names and papers were erased."""

    people: int
    members: int
    attachments: int
    appeals: int


class ErasureProof(ErasureView):
    """Proof of an erasure."""

    decided_until_year: int
    reason: str
    erased_by: str
    erased_at: datetime


class ErasureProofs(BaseModel):
    """Proofs of erasures, newest first."""

    erasures: list[ErasureProof]


@router.post("/applicants", status_code=201)
async def register(
    new: NewApplicant, order: Annotated[Command, command(Role.APPLICANT)]
) -> Response:
    """Enter the organisation one acts for, or change it."""
    version = await applicants.register_applicant(
        order.session, new, by=order.person, now=order.now
    )
    view = RegisteredView(registration_number=new.registration_number, version=version)
    return await order.answer(view, status=201)


@router.get("/applicants/{registration_number}")
async def read(
    registration_number: str,
    asked: Annotated[
        Query, query(Role.APPLICANT, Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)
    ],
) -> ApplicantView:
    """An organisation."""
    await may_read_people(asked.session, registration_number, asked.person)
    row = await applicant_rows.read(asked.session, registration_number)
    return ApplicantView.model_validate(dict(row))


@router.get("/applicants/{registration_number}/people")
async def people(
    registration_number: str,
    reason: Annotated[str, Asked(min_length=3, max_length=300)],
    asked: Annotated[
        Query, query(Role.APPLICANT, Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)
    ],
) -> PeopleView:
    """The people of an organisation with their names; who looks and why is written down."""
    await may_read_people(asked.session, registration_number, asked.person)
    await applicant_rows.read(asked.session, registration_number)
    known = await applicants.read_people(
        asked.session, registration_number, reason=reason, by=asked.person, now=asked.now
    )
    views = [
        PersonView(
            number=one.number,
            kind=one.kind,
            name=one.name,
            email=one.email,
            phone=one.phone,
            employer=one.employer,
        )
        for one in known
    ]
    return PeopleView(people=views)


@router.get("/applicants/{registration_number}/reads")
async def reads(
    registration_number: str,
    asked: Annotated[Query, query(Role.APPLICANT, Role.STATE_OFFICER, Role.AUDITOR)],
) -> ReadsView:
    """Who looked at the names of an organisation's people."""
    if not oversees(asked.person):
        asked.person.must({Role.APPLICANT}, registration_number)
    rows = await applicant_rows.reads_of(asked.session, registration_number, limit=READS_MAX)
    return ReadsView(reads=[ReadView.model_validate(dict(row)) for row in rows])


@router.post("/erasures", status_code=201)
async def erase(
    order_: ErasureOrder, order: Annotated[Command, command(Role.STATE_OFFICER)]
) -> Response:
    """Erase names and papers of old calls whose retention is over."""
    counts = await erasure.erase_old(order.session, order_, by=order.person, now=order.now)
    return await order.answer(ErasureView(**counts), status=201)


@router.get("/erasures")
async def erasures(
    asked: Annotated[Query, query(Role.STATE_OFFICER, Role.AUDITOR)],
) -> ErasureProofs:
    """Proofs of what was erased."""
    asked.person.must({Role.STATE_OFFICER, Role.AUDITOR}, STATE)
    rows = await erasure_rows.listed(asked.session)
    return ErasureProofs(erasures=[ErasureProof.model_validate(dict(row)) for row in rows])
