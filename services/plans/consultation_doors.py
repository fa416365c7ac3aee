"""Commands on consultations and orders of heads, each taking many lines at once."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.plans import consultations, head_orders, rights
from services.plans.bulk_doors import answer, lines_of
from services.plans.forms import (
    CancellationForm,
    ConfirmationForm,
    ConsultationForm,
    HeadOrderForm,
    RevocationForm,
)
from shared.bulk import BulkAnswer, OnError
from shared.web import Command, command

router = APIRouter(tags=["consultations"])


@router.post("/consultations", response_model=BulkAnswer, openapi_extra=lines_of(ConsultationForm))
async def record(
    request: Request,
    order: Annotated[Command, command(*rights.RECORDERS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Write down consultations that were held."""
    return await answer(
        request, order, ConsultationForm, consultations.record_consultations, on_error
    )


@router.post(
    "/consultations/confirmations",
    response_model=BulkAnswer,
    openapi_extra=lines_of(ConfirmationForm),
)
async def confirm(
    request: Request,
    order: Annotated[Command, command(*rights.RECORDERS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Note that pupils confirmed consultations."""
    return await answer(
        request, order, ConfirmationForm, consultations.confirm_consultations, on_error
    )


@router.post(
    "/consultations/cancellations",
    response_model=BulkAnswer,
    openapi_extra=lines_of(CancellationForm),
)
async def cancel(
    request: Request,
    order: Annotated[Command, command(*rights.RECORDERS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Take back consultations that were written down by mistake."""
    return await answer(
        request, order, CancellationForm, consultations.cancel_consultations, on_error
    )


@router.post("/head-orders", response_model=BulkAnswer, openapi_extra=lines_of(HeadOrderForm))
async def issue(
    request: Request,
    order: Annotated[Command, command(*rights.HEADS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Enter orders of heads that permit remote or practice support."""
    return await answer(request, order, HeadOrderForm, head_orders.issue_head_orders, on_error)


@router.post(
    "/head-orders/revocations",
    response_model=BulkAnswer,
    openapi_extra=lines_of(RevocationForm),
)
async def revoke(
    request: Request,
    order: Annotated[Command, command(*rights.HEADS)],
    on_error: OnError = OnError.SKIP,
) -> Response:
    """Take orders of heads back from a day on."""
    return await answer(request, order, RevocationForm, head_orders.revoke_head_orders, on_error)
