"""Who approved which version of a plan: a payment can be followed to its signatures."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.entitlements import store as plan_rows
from services.payments.entitlements.store import ApprovalRow
from shared.contracts.base import Received
from shared.contracts.plans import PlanApproved, PlanStepApproved


async def note_steps(session: AsyncSession, approved: Sequence[Received[PlanStepApproved]]) -> None:
    """Keep approvals of single levels; of one level of a version the last counts."""
    await plan_rows.keep_approvals(
        session,
        (
            ApprovalRow(r.fact.plan_id, r.fact.plan_version, r.fact.step, r.fact.approver, r.at)
            for r in approved
        ),
    )


async def note_last(session: AsyncSession, approved: Sequence[Received[PlanApproved]]) -> None:
    """Keep who approved last, where the fact says it."""
    await plan_rows.keep_approvals(
        session,
        (
            ApprovalRow(r.fact.plan_id, r.fact.plan_version, r.fact.step, r.fact.approver, r.at)
            for r in approved
            if r.fact.step is not None and r.fact.approver is not None
        ),
    )
