"""Doors of signatures: offices' public keys, entered by one person and confirmed by another."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from services.payments.signatures import actions
from services.payments.signatures.actions import PublicKey
from services.payments.signatures.store import OfficeKey
from shared.auth import Role
from shared.contracts.base import RegistrationNumber
from shared.web import Command, Query, command, query

router = APIRouter(tags=["signatures"])

KEEPERS = (Role.PAYMENT_OFFICER, Role.STATE_OFFICER)


class KeyShown(BaseModel):
    """A public key of an office; `key_id` is its RFC 7638 thumbprint."""

    key_id: str
    partner: str
    state: str
    public_key: str
    entered_by: str
    entered_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: OfficeKey) -> "KeyShown":
        """A key as it is shown."""
        return cls(**{name: getattr(key, name) for name in cls.model_fields})


class KeysShown(BaseModel):
    """The keys of an office, the oldest first."""

    keys: list[KeyShown]


@router.post("/offices/{partner}/keys", status_code=201, response_model=KeyShown)
async def enter_key(
    partner: RegistrationNumber, key: PublicKey, order: Annotated[Command, command(*KEEPERS)]
) -> Response:
    """Enter a public key of an office; another person confirms it."""
    entered = await actions.enter_key(order.session, partner, key, by=order.person, now=order.now)
    return await order.answer(KeyShown.of(entered), 201)


@router.post("/offices/{partner}/keys/{key_id}/confirmation", response_model=KeyShown)
async def confirm_key(
    partner: RegistrationNumber, key_id: str, order: Annotated[Command, command(*KEEPERS)]
) -> Response:
    """Let a key be in force; who entered it may not."""
    key = await actions.confirm_key(order.session, partner, key_id, by=order.person, now=order.now)
    return await order.answer(KeyShown.of(key))


@router.post("/offices/{partner}/keys/{key_id}/revocation", response_model=KeyShown)
async def revoke_key(
    partner: RegistrationNumber, key_id: str, order: Annotated[Command, command(*KEEPERS)]
) -> Response:
    """End a key at once, by one person."""
    key = await actions.revoke_key(order.session, partner, key_id, by=order.person, now=order.now)
    return await order.answer(KeyShown.of(key))


@router.get("/offices/{partner}/keys")
async def list_keys(
    partner: RegistrationNumber, asked: Annotated[Query, query(*KEEPERS)]
) -> KeysShown:
    """The keys of an office."""
    found = await actions.keys_of(asked.session, partner, by=asked.person)
    return KeysShown(keys=[KeyShown.of(key) for key in found])
