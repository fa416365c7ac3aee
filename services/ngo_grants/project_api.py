"""Doors to projects: contract, proof of results, acceptance, early end."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from services.ngo_grants import acceptance, application_rows, project_rows, projects
from services.ngo_grants.commands import Contract, ContractEnd, ProofCheck, ProofEntry
from services.ngo_grants.project_rules import Instalment
from services.ngo_grants.reading import oversees
from shared.auth import Role
from shared.web import Command, Query, command, query

router = APIRouter(tags=["projects"])
READERS = (Role.APPLICANT, Role.CALL_ORGANISER, Role.STATE_OFFICER, Role.AUDITOR)


class InstalmentView(BaseModel):
    """One part of the lump sum and what became of it."""

    number: int
    after: str
    cents: int
    state: Instalment
    due_on: date | None
    order_id: str | None
    booked_on: date | None
    reason_code: str | None


class ProofView(BaseModel):
    """What the organisation said it reached, and what the municipality said of it."""

    number: int
    participants: int
    participants_at_risk: int
    summary: str
    publicity: str
    filed_at: datetime
    accepted: bool | None
    comment: str | None
    checked_at: datetime | None


class RecoveryView(BaseModel):
    """Money that has to come back, and how much of it has."""

    cents: int
    recovered_cents: int
    reason_code: str
    told_at: datetime


class ProjectView(BaseModel):
    """A project with its contract, instalments, proofs and recovery."""

    project_id: str
    call_id: str
    municipality_id: str
    registration_number: str
    applicant: str
    title: str
    state: str
    version: int
    contract_number: str
    signed_on: date
    cents: int
    starts_on: date
    ends_on: date
    participants: int
    participants_at_risk: int
    earned_cents: int | None
    settled_cents: int
    instalments: list[InstalmentView]
    proofs: list[ProofView]
    recovery: RecoveryView | None


@router.post("/projects/{project_id}/contract", status_code=201)
async def contract(
    project_id: str, signed: Contract, order: Annotated[Command, command(Role.CALL_ORGANISER)]
) -> Response:
    """Write the signed contract of a winner; the first instalment becomes due."""
    await projects.sign_contract(order.session, project_id, signed, by=order.person, now=order.now)
    return await order.answer(await _project(order, project_id), status=201)


@router.post("/projects/{project_id}/proof", status_code=201)
async def proof(
    project_id: str, entry: ProofEntry, order: Annotated[Command, command(Role.APPLICANT)]
) -> Response:
    """Say what was reached: participants, those at risk, publicity."""
    await projects.file_proof(order.session, project_id, entry, by=order.person, now=order.now)
    return await order.answer(await _project(order, project_id), status=201)


@router.post("/projects/{project_id}/acceptance")
async def accept(
    project_id: str, check: ProofCheck, order: Annotated[Command, command(Role.CALL_ORGANISER)]
) -> Response:
    """Accept the proof, and settle by what it earns; or return it with a comment."""
    await acceptance.check_proof(order.session, project_id, check, by=order.person, now=order.now)
    return await order.answer(await _project(order, project_id))


@router.post("/projects/{project_id}/end")
async def end(
    project_id: str, why: ContractEnd, order: Annotated[Command, command(Role.CALL_ORGANISER)]
) -> Response:
    """End the contract before its time; what was owed has to come back."""
    await acceptance.end_contract(order.session, project_id, why, by=order.person, now=order.now)
    return await order.answer(await _project(order, project_id))


@router.get("/projects/{project_id}")
async def read(project_id: str, asked: Annotated[Query, query(*READERS)]) -> ProjectView:
    """A project for its organisation, its municipality and overseers."""
    application = await application_rows.read(asked.session, project_id)
    if not oversees(asked.person):
        asked.person.must(
            {Role.APPLICANT, Role.CALL_ORGANISER},
            application.registration_number,
            application.municipality_id,
        )
    return await _project(asked, project_id)


async def _project(asked: Query, project_id: str) -> ProjectView:
    """The whole project."""
    application = await application_rows.read(asked.session, project_id)
    project = await project_rows.read(asked.session, project_id)
    rows = await project_rows.instalments(asked.session, [project_id])
    filed = await project_rows.proofs(asked.session, project_id)
    recovery = (await project_rows.recoveries(asked.session, [project_id])).get(project_id)
    back = await project_rows.recovered_cents(asked.session, [project_id])
    return ProjectView(
        **project,
        call_id=application.call_id,
        municipality_id=application.municipality_id,
        registration_number=application.registration_number,
        applicant=application.applicant,
        title=application.title,
        state=application.state,
        version=application.version,
        settled_cents=sum(r["cents"] for r in rows if r["state"] == Instalment.SETTLED),
        instalments=[InstalmentView.model_validate(dict(row)) for row in rows],
        proofs=[ProofView.model_validate(dict(row)) for row in filed],
        recovery=(
            RecoveryView(**recovery, recovered_cents=back.get(project_id, 0))
            if recovery is not None
            else None
        ),
    )
