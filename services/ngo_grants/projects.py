"""What is done with a project: the contract and the proof of results."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, call_rows, move_rows, project_rows, project_rules
from services.ngo_grants.admissibility import of_organiser
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.calls import day_of
from services.ngo_grants.commands import Contract, ProofEntry
from services.ngo_grants.domain import Call
from services.ngo_grants.move_rows import Move
from services.ngo_grants.project_facts import about, told_due
from services.ngo_grants.project_rules import Instalment, Result, pay_by
from shared.auth import Person, Role
from shared.bus.outbox import publish
from shared.contracts.ngo_grants import (
    ProjectContracted,
)
from shared.errors import Invalid


async def sign_contract(
    session: AsyncSession, project_id: str, contract: Contract, *, by: Person, now: datetime
) -> Application:
    """Write the contract of an approved project and let what waits for it become due."""
    application = await of_organiser(session, project_id, by)
    call = await call_rows.read(session, application.call_id)
    if contract.signed_on > day_of(now):
        raise Invalid("The contract would be signed in the future.", field="signed_on")
    moves: list[Move] = [(application, State.CONTRACTED, None)]
    (signed,) = await move_rows.move(session, moves, by=by.subject, now=now)
    project = await _project_row(session, call, project_id, contract, by)
    parts = project_rules.parts(call.rules)
    until = pay_by(call.rules, contract.signed_on, "contract")
    rows = [_instalment_row(project_id, part, until) for part in parts]
    await project_rows.add(session, project, rows)
    due = [row for row in rows if row["state"] is Instalment.DUE]
    if not due:
        (signed,) = await move_rows.move(
            session, [(signed, State.RUNNING, None)], by=by.subject, now=now
        )
    contracted = ProjectContracted(
        **about(signed),
        project_id=project_id,
        payee_ref=signed.registration_number,
        cents=project["cents"],
        starts_on=project["starts_on"],
        ends_on=project["ends_on"],
    )
    await publish(session, [contracted, *told_due(signed, due)], at=now)
    return signed


async def _project_row(
    session: AsyncSession, call: Call, project_id: str, contract: Contract, by: Person
) -> dict[str, Any]:
    """The row of a contract: sum of the call, dates and planned result of the application."""
    form = await application_rows.form_of(session, project_id)
    return {
        "project_id": project_id,
        "contract_number": contract.contract_number,
        "signed_on": contract.signed_on,
        "signed_by": by.subject,
        "cents": call.rules.grant_cents,
        "starts_on": form.starts_on,
        "ends_on": form.ends_on,
        "participants": form.participants_total,
        "participants_at_risk": form.participants_at_risk,
    }


def _instalment_row(project_id: str, part: project_rules.Part, until: date) -> dict[str, Any]:
    """The row of an instalment; what waits for the contract is due with it."""
    is_due = part.after == "contract"
    return {
        "project_id": project_id,
        "number": part.number,
        "after": part.after,
        "cents": part.cents,
        "state": Instalment.DUE if is_due else Instalment.PLANNED,
        "due_on": until if is_due else None,
    }


async def file_proof(
    session: AsyncSession, project_id: str, proof: ProofEntry, *, by: Person, now: datetime
) -> Application:
    """The organisation says what was reached and how the fund was made public."""
    application = await application_rows.locked_one(session, project_id)
    by.must({Role.APPLICANT}, application.registration_number)
    project = await project_rows.read(session, project_id)
    if day_of(now) < project["starts_on"]:
        raise project_rules.ProofTooEarly(starts_on=project["starts_on"].isoformat())
    reached = Result(proof.participants, proof.participants_at_risk)
    project_rules.check_result(reached, proof.publicity)
    moves: list[Move] = [(application, State.REPORTED, None)]
    (reported,) = await move_rows.move(session, moves, by=by.subject, now=now)
    await project_rows.add_proof(session, project_id, proof.model_dump(), by=by.subject, now=now)
    return reported
