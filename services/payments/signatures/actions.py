"""Keys of offices by two persons, checking what they signed, signing what they are answered."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.ledger import store as ledger_rows
from services.payments.rulebook import SIGNATURE_REQUIRED, SIGNED_REQUESTS
from services.payments.signatures import store
from services.payments.signatures.domain import (
    LABEL,
    SIGNATURE_SECONDS_MAX,
    Sent,
    SignatureMissing,
    SignatureReplayed,
    check_signature,
    digest_field,
    parameters_of,
    read_signature,
    signature_base,
)
from services.payments.signatures.store import OfficeKey
from services.payments.signing import Signer
from shared.auth import STATE, Person, Role
from shared.calendar import TIMEZONE
from shared.errors import FourEyes, Invalid, NotFound, Refused

OFFICE = (Role.PAYMENT_OFFICER,)
KEEPERS = (Role.PAYMENT_OFFICER, Role.STATE_OFFICER)
KEY_BYTES = 32


class KeyUnreadable(Invalid):
    """This is no Ed25519 public key as a JSON Web Key (kty OKP, crv Ed25519, x)."""

    code = "key-unreadable"


class KeyKnown(Refused):
    """This key was entered before; make a new pair, a revoked key never comes back."""

    code = "key-known"


class KeyUnknown(NotFound):
    """This payment office has no such key."""

    code = "key-unknown"


class KeyDecided(Refused):
    """This key is not in a state in which that can be done."""

    code = "key-decided"


class PublicKey(BaseModel):
    """An Ed25519 public key as a JSON Web Key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")

    def thumbprint(self) -> str:
        """The key's name by RFC 7638."""
        members = json.dumps({"crv": self.crv, "kty": self.kty, "x": self.x}, separators=(",", ":"))
        return _text(hashlib.sha256(members.encode()).digest())


async def enter_key(
    session: AsyncSession, partner: str, key: PublicKey, *, by: Person, now: datetime
) -> OfficeKey:
    """Enter a public key of an office; it is in force once another person confirmed it."""
    by.must(KEEPERS, partner, STATE)
    if len(_bytes(key.x)) != KEY_BYTES:
        raise KeyUnreadable(field="x")
    entered = OfficeKey(key.thumbprint(), partner, "proposed", key.x, by.subject, now)
    if not await store.insert_key(session, entered):
        raise KeyKnown(field="x")
    return entered


async def confirm_key(
    session: AsyncSession, partner: str, key_id: str, *, by: Person, now: datetime
) -> OfficeKey:
    """Let a key be in force, as somebody else than who entered it."""
    by.must(KEEPERS, partner, STATE)
    key = await _key(session, partner, key_id)
    if key.state != "proposed":
        raise KeyDecided(field="key_id", state=key.state)
    if key.entered_by == by.subject:
        raise FourEyes(field="key_id")
    confirmed = replace(key, state="in_force", confirmed_by=by.subject, confirmed_at=now)
    await store.keep_key(session, confirmed)
    return confirmed


async def revoke_key(
    session: AsyncSession, partner: str, key_id: str, *, by: Person, now: datetime
) -> OfficeKey:
    """End a key at once; one person is enough, for a lost key cannot wait."""
    by.must(KEEPERS, partner, STATE)
    key = await _key(session, partner, key_id)
    if key.state == "revoked":
        raise KeyDecided(field="key_id", state=key.state)
    revoked = replace(key, state="revoked", revoked_by=by.subject, revoked_at=now)
    await store.keep_key(session, revoked)
    return revoked


async def keys_of(session: AsyncSession, partner: str, *, by: Person) -> Sequence[OfficeKey]:
    """The keys of an office, the oldest first."""
    by.must(KEEPERS, partner, STATE)
    return await store.keys_of(session, partner)


async def _key(session: AsyncSession, partner: str, key_id: str) -> OfficeKey:
    """A key, held; raises KeyUnknown."""
    found = await store.key_locked(session, partner, key_id)
    if found is None:
        raise KeyUnknown(field="key_id")
    return found


async def check_request(
    session: AsyncSession, sent: Sent, partner: str, *, by: Person, now: datetime
) -> None:
    """Refuse a request that should be signed and is not, or is signed and not rightly.

    Only the office itself must sign, where the parameter says so; what is signed is checked.
    """
    if not sent.is_signed:
        rules = await ledger_rows.load_rulebook(session)
        must = rules.value(SIGNED_REQUESTS, now.astimezone(TIMEZONE).date(), partner)
        if must == SIGNATURE_REQUIRED and partner in by.organisations(*OFFICE):
            raise SignatureMissing(field="Signature-Input")
        return
    signature = read_signature(sent, zone=now)
    public = await store.key_in_force(session, partner, signature.key_id)
    check_signature(sent, signature, None if public is None else _bytes(public), now=now)
    if not await store.use_nonce(session, signature.key_id, signature.nonce, at=now):
        raise SignatureReplayed(field="Signature-Input")


def signed_answer(
    signer: Signer, sent: Sent, digest: bytes, *, status: int, now: datetime
) -> dict[str, str]:
    """The headers that sign an answer: its status and body, and which request it answers."""
    content = digest_field(digest)
    covered = [
        ('"@status"', str(status)),
        ('"content-digest"', content),
        ('"@path";req', sent.path),
        ('"@query";req', sent.query),
    ]
    parameters = parameters_of(covered, created=now, key_id=signer.key_id)
    value = signer.sign_bytes(signature_base(covered, parameters))
    return {
        "Content-Digest": content,
        "Signature-Input": f"{LABEL}={parameters}",
        "Signature": f"{LABEL}=:{base64.b64encode(value).decode()}:",
    }


async def forget_nonces(session: AsyncSession, now: datetime) -> None:
    """Remove nonces whose signatures are too old to be taken."""
    await store.forget_nonces(session, before=now - 2 * timedelta(seconds=SIGNATURE_SECONDS_MAX))


def _bytes(text: str) -> bytes:
    """Bytes of base64url without padding; raises KeyUnreadable."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise KeyUnreadable(field="x") from error


def _text(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
