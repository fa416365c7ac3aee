"""How a project ends: its proof is checked and settled, or the contract ends early."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import call_rows, move_rows, project_rows, project_rules
from services.ngo_grants.admissibility import of_organiser
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.calls import day_of
from services.ngo_grants.commands import ContractEnd, ProofCheck
from services.ngo_grants.domain import Call, WrongMove
from services.ngo_grants.move_rows import Move
from services.ngo_grants.project_facts import about, told_due
from services.ngo_grants.project_rules import Instalment, Result, Settlement, pay_by
from shared.auth import Person
from shared.bus.outbox import publish
from shared.contracts.base import Fact
from shared.contracts.ngo_grants import ProjectAccepted, RecoveryDue
from shared.errors import FourEyes

PARTIAL = "partial-result"
NOTHING = "result-not-reached"
ENDED = "contract-ended"


async def check_proof(
    session: AsyncSession, project_id: str, check: ProofCheck, *, by: Person, now: datetime
) -> Application:
    """Accept the proof, and pay or ask back what follows; or return it with a comment."""
    application = await of_organiser(session, project_id, by)
    project = await project_rows.read(session, project_id)
    proofs = await project_rows.proofs(session, project_id)
    if application.state is not State.REPORTED or not proofs:
        raise WrongMove(project_id=project_id, state=application.state, asked="checked")
    proof = proofs[-1]
    if proof["filed_by"] == by.subject:
        raise FourEyes("Who filed the proof may not accept it.")
    await project_rows.check_proof(
        session,
        project_id,
        proof["number"],
        accepted=check.accepted,
        comment=check.comment,
        by=by.subject,
        now=now,
    )
    if not check.accepted:
        moves: list[Move] = [(application, State.RUNNING, check.comment)]
        (returned,) = await move_rows.move(session, moves, by=by.subject, now=now)
        return returned
    return await _accept(session, application, project, proof, by=by, now=now)


async def _accept(
    session: AsyncSession,
    application: Application,
    project: RowMapping,
    proof: RowMapping,
    *,
    by: Person,
    now: datetime,
) -> Application:
    """Settle by what the result earns."""
    project_id = application.application_id
    call = await call_rows.read(session, application.call_id)
    rows = await project_rows.instalments(session, [project_id])
    planned = Result(project["participants"], project["participants_at_risk"])
    reached = Result(proof["participants"], proof["participants_at_risk"])
    earned = project_rules.earned_cents(project_rules.fulfilment(planned, reached), call.rules)
    owed = project_rules.owed_cents([(Instalment(r["state"]), r["cents"]) for r in rows])
    settled = project_rules.settle(earned, owed)
    final = await _set_final(session, call, project_id, rows, settled, day_of(now))
    await project_rows.finish(session, project_id, earned_cents=earned, ended_on=day_of(now))
    to = State.RECOVERY if settled.recovery_cents else State.ACCEPTED
    (ended,) = await move_rows.move(session, [(application, to, None)], by=by.subject, now=now)
    accepted = ProjectAccepted(
        **about(ended),
        project_id=project_id,
        participants=reached.participants,
        participants_at_risk=reached.participants_at_risk,
        accepted_on=day_of(now),
    )
    facts: list[Fact] = [accepted] if earned else []
    facts += told_due(ended, final)
    why = PARTIAL if earned else NOTHING
    facts += await _recover(session, ended, settled.recovery_cents, why, by=by, now=now)
    await publish(session, facts, at=now)
    return ended


async def _set_final(
    session: AsyncSession,
    call: Call,
    project_id: str,
    rows: Sequence[RowMapping],
    settled: Settlement,
    day: date,
) -> list[dict[str, Any]]:
    """Let the planned instalments take what is still to pay; those with nothing are cancelled."""
    planned = {r["number"]: r["cents"] for r in rows if r["state"] == Instalment.PLANNED}
    given = project_rules.spread_final(settled.final_cents, planned)
    due = {number: cents for number, cents in given.items() if cents}
    until = pay_by(call.rules, day, "acceptance")
    await project_rows.set_instalments(session, project_id, Instalment.DUE, due, due_on=until)
    nothing = {number: 0 for number, cents in given.items() if not cents}
    await project_rows.set_instalments(
        session, project_id, Instalment.CANCELLED, nothing, due_on=None
    )
    return [{"number": n, "cents": cents, "due_on": until} for n, cents in due.items()]


async def _recover(
    session: AsyncSession,
    application: Application,
    cents: int,
    reason_code: str,
    *,
    by: Person,
    now: datetime,
) -> list[Fact]:
    """Write that money has to come back, and the fact of it; nothing for no money."""
    if not cents:
        return []
    recovery = {
        "project_id": application.application_id,
        "reason_code": reason_code,
        "cents": cents,
        "told_by": by.subject,
        "told_at": now,
    }
    await project_rows.add_recovery(session, recovery)
    fact = RecoveryDue(
        **about(application),
        project_id=application.application_id,
        payee_ref=application.registration_number,
        cents=cents,
        reason_code=reason_code,
    )
    return [fact]


async def end_contract(
    session: AsyncSession, project_id: str, why: ContractEnd, *, by: Person, now: datetime
) -> Application:
    """End a contract before its time: nothing is earned, what was owed has to come back."""
    application = await of_organiser(session, project_id, by)
    await project_rows.read(session, project_id)
    rows = await project_rows.instalments(session, [project_id])
    owed = project_rules.owed_cents([(Instalment(r["state"]), r["cents"]) for r in rows])
    moves: list[Move] = [(application, State.RECOVERY, why.reason)]
    (ended,) = await move_rows.move(session, moves, by=by.subject, now=now)
    planned = {r["number"]: 0 for r in rows if r["state"] == Instalment.PLANNED}
    await project_rows.set_instalments(
        session, project_id, Instalment.CANCELLED, planned, due_on=None
    )
    await project_rows.finish(session, project_id, earned_cents=0, ended_on=day_of(now))
    facts = await _recover(session, ended, owed, ENDED, by=by, now=now)
    await publish(session, facts, at=now)
    if not owed:
        recovered: list[Move] = [(ended, State.RECOVERED, "nothing was owed")]
        (ended,) = await move_rows.move(session, recovered, by=by.subject, now=now)
    return ended
