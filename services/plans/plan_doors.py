"""Commands on plans, each taking many lines at once."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.plans import chain, deletion, drafting, evaluation, revising, rights
from services.plans.bulk_doors import answer, lines_of
from services.plans.forms import (
    ContinuationForm,
    CorrectionForm,
    DraftForm,
    EvaluationForm,
    PlanForm,
    ReasonForm,
    ReturnForm,
    RevisionForm,
)
from shared.bulk import BulkAnswer, OnError
from shared.web import Command, command

router = APIRouter(tags=["plans"])


@router.post("/plans", response_model=BulkAnswer, openapi_extra=lines_of(DraftForm))
async def draft(
    request: Request,
    order: Annotated[Command, command(*rights.PREPARERS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Draft plans for named pupils with a signed application."""
    return await answer(request, order, DraftForm, drafting.draft_plans, on_error)


@router.post(
    "/plans/corrections", response_model=BulkAnswer, openapi_extra=lines_of(CorrectionForm)
)
async def correct(
    request: Request,
    order: Annotated[Command, command(*rights.PREPARERS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Write drafts and revisions anew."""
    return await answer(request, order, CorrectionForm, chain.correct_plans, on_error)


@router.post("/plans/submissions", response_model=BulkAnswer, openapi_extra=lines_of(PlanForm))
async def submit(
    request: Request,
    order: Annotated[Command, command(*rights.PREPARERS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Send drafts and revisions into the approval chain."""
    return await answer(request, order, PlanForm, chain.submit_plans, on_error)


@router.post("/plans/approvals", response_model=BulkAnswer, openapi_extra=lines_of(PlanForm))
async def approve(
    request: Request,
    order: Annotated[Command, command(*rights.APPROVERS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Approve at the level whose turn it is."""
    return await answer(request, order, PlanForm, chain.approve_plans, on_error)


@router.post("/plans/returns", response_model=BulkAnswer, openapi_extra=lines_of(ReturnForm))
async def send_back(
    request: Request,
    order: Annotated[Command, command(*rights.APPROVERS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Send plans back to their preparers with a comment."""
    return await answer(request, order, ReturnForm, chain.return_plans, on_error)


@router.post("/plans/revisions", response_model=BulkAnswer, openapi_extra=lines_of(RevisionForm))
async def revise(
    request: Request,
    order: Annotated[Command, command(*rights.SCHOOL)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Begin a new version of approved plans."""
    return await answer(request, order, RevisionForm, revising.revise_plans, on_error)


@router.post("/plans/suspensions", response_model=BulkAnswer, openapi_extra=lines_of(ReasonForm))
async def suspend(
    request: Request,
    order: Annotated[Command, command(*rights.SCHOOL)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Stop plans, with a reason."""
    return await answer(request, order, ReasonForm, revising.suspend_plans, on_error)


@router.post("/plans/resumptions", response_model=BulkAnswer, openapi_extra=lines_of(PlanForm))
async def resume(
    request: Request,
    order: Annotated[Command, command(*rights.SCHOOL)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Take suspended plans up again in the same semester."""
    return await answer(request, order, PlanForm, revising.resume_plans, on_error)


@router.post(
    "/plans/evaluations", response_model=BulkAnswer, openapi_extra=lines_of(EvaluationForm)
)
async def evaluate(
    request: Request,
    order: Annotated[Command, command(*rights.SCHOOL)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Evaluate plans per measure and per risk."""
    return await answer(request, order, EvaluationForm, evaluation.evaluate_plans, on_error)


@router.post("/plans/closings", response_model=BulkAnswer, openapi_extra=lines_of(PlanForm))
async def close(
    request: Request,
    order: Annotated[Command, command(*rights.SCHOOL)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Close evaluated plans and release preparation time."""
    return await answer(request, order, PlanForm, evaluation.close_plans, on_error)


@router.post(
    "/plans/continuations", response_model=BulkAnswer, openapi_extra=lines_of(ContinuationForm)
)
async def carry_on(
    request: Request,
    order: Annotated[Command, command(*rights.PREPARERS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Carry closed plans on into a later semester."""
    return await answer(request, order, ContinuationForm, drafting.continue_plans, on_error)


@router.post("/plans/deletions", response_model=BulkAnswer, openapi_extra=lines_of(ReasonForm))
async def delete(
    request: Request,
    order: Annotated[Command, command(*rights.SCHOOL)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Delete plans for which nothing was spent."""
    return await answer(request, order, ReasonForm, deletion.ask_to_delete, on_error)
