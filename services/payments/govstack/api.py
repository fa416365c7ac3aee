"""Doors for government platforms, by the names the GovStack Payments building block uses."""

import json
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.payments.govstack import actions
from services.payments.govstack.actions import READERS, BatchStatus
from services.payments.govstack.domain import FAILURE, Answer, BulkPayment
from shared.auth import Role
from shared.errors import Invalid
from shared.problems import field_of
from shared.web import Command, CommandNeeds, Query, query

router = APIRouter(prefix="/govstack", tags=["govstack"])

OFFICER = (Role.PAYMENT_OFFICER,)


class Unreadable(Invalid):
    """The request is not of the form that the building block's specification gives."""

    code = "govstack-unreadable"
    status = 400


class RequestIdNeeds(CommandNeeds):
    """A command whose idempotency key is the RequestID of its SourceBBID, as published."""

    async def key_of(self, request: Request) -> str:
        """The key of a batch; raises Unreadable."""
        batch = await _batch(request)
        return f"govstack:{batch.SourceBBID}:{batch.RequestID}"


def _by_request_id(*roles: Role) -> Any:
    """The dependency of a route that is idempotent by RequestID."""
    return Depends(RequestIdNeeds(roles), scope="function")


@router.post("/prepaymentValidation", response_model=Answer)
async def validate(
    request: Request, order: Annotated[Command, _by_request_id(*OFFICER)]
) -> Response:
    """Say which instructions would fail and why; nothing changes."""
    batch = await _batch(request)
    found = await actions.validate(order.session, batch, by=order.person, now=order.now)
    return await order.answer(found)


@router.post("/bulkPayment", response_model=Answer)
async def pay(request: Request, order: Annotated[Command, _by_request_id(*OFFICER)]) -> Response:
    """Approve the orders that the instructions name, all or none."""
    batch = await _batch(request)
    done = await actions.pay(order.session, batch, by=order.person, now=order.now)
    return await order.answer(done)


@router.get("/bulkPayment/{batch_id}")
async def status(batch_id: str, asked: Annotated[Query, query(*READERS)]) -> BatchStatus:
    """Where the instructions of a batch stand."""
    return await actions.status(asked.session, batch_id, by=asked.person)


async def _batch(request: Request) -> BulkPayment:
    """The batch of a request, amounts read as decimals; raises Unreadable."""
    try:
        body = json.loads(await request.body(), parse_float=Decimal)
        return BulkPayment.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise Unreadable(
            field=field_of(first["loc"]), ResponseCode=FAILURE, ResponseDescription=first["msg"]
        ) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(ResponseCode=FAILURE, ResponseDescription="not JSON") from error
