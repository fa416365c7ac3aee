"""A command sent again with the same key gets the same answer and has no second effect.

The key, a digest of the request and the answer lie in the transaction of the effect itself.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared.errors import Refused

KEPT_DAYS = 30
KEY_CHARACTERS_MAX = 200


class IdempotencyKeyMissing(Refused):
    """Every command needs an Idempotency-Key header of at most 200 characters."""

    code = "idempotency-key-missing"
    status = 400


class IdempotencyKeyReused(Refused):
    """This Idempotency-Key was used for another request; take a new one."""

    code = "idempotency-key-reused"
    status = 422


class Replayed(Exception):
    """Not a fault: the command was carried out before, here is the answer it got."""

    def __init__(self, status: int, body: bytes) -> None:
        """Keep the stored answer."""
        self.response = Response(body, status_code=status, media_type="application/json")
        self.response.headers["Idempotent-Replayed"] = "true"
        super().__init__("replayed")


def add_idempotency_keys(metadata: MetaData) -> Table:
    """The table of keys; asking again gives the same table."""
    if "idempotency_keys" in metadata.tables:
        return metadata.tables["idempotency_keys"]
    return Table(
        "idempotency_keys",
        metadata,
        Column("subject", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("request_digest", LargeBinary, nullable=False),
        Column("status", Integer),
        Column("body", LargeBinary),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Index("idempotency_keys_by_age", "created_at"),
    )


KEYS = add_idempotency_keys(MetaData())


async def begin(
    session: AsyncSession,
    request: Request,
    *,
    subject: str,
    key: str,
    at: datetime,
    body_digest: bytes | None = None,
) -> None:
    """Take the key for this request, or raise Replayed or IdempotencyKeyReused.

    A request that runs at the same time with the same key waits here for the first one's end.
    `body_digest` stands for a body that was read already.
    """
    check_key(key)
    digest = _digest(request, await request.body() if body_digest is None else body_digest)
    row = {"subject": subject, "key": key, "request_digest": digest, "created_at": at}
    taken = await session.execute(
        insert(KEYS).values(row).on_conflict_do_nothing().returning(KEYS.c.key)
    )
    if taken.first() is None:
        raise _answer_before(await _stored(session, subject, key), digest)


def check_key(key: str) -> None:
    """Refuse a request without a key; raises IdempotencyKeyMissing."""
    if not 0 < len(key) <= KEY_CHARACTERS_MAX:
        raise IdempotencyKeyMissing(field="Idempotency-Key")


def _digest(request: Request, body: bytes) -> bytes:
    """What tells requests apart: method, path with query, body."""
    head = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(head + body).digest()


async def _stored(session: AsyncSession, subject: str, key: str) -> Mapping[str, Any]:
    """The row of a key that was taken before."""
    rows = await session.execute(select(KEYS).where(KEYS.c.subject == subject, KEYS.c.key == key))
    return dict(rows.mappings().one())


def _answer_before(stored: Mapping[str, Any], digest: bytes) -> Exception:
    """The answer to a repeated key."""
    if stored["request_digest"] != digest or stored["status"] is None:
        return IdempotencyKeyReused(field="Idempotency-Key")
    return Replayed(stored["status"], stored["body"])


async def end(session: AsyncSession, *, subject: str, key: str, status: int, body: bytes) -> None:
    """Keep the answer beside the key."""
    await session.execute(
        update(KEYS)
        .where(KEYS.c.subject == subject, KEYS.c.key == key)
        .values(status=status, body=body)
    )


async def forget_old_keys(session: AsyncSession, now: datetime) -> None:
    """Remove keys older than their time; a job calls it."""
    await session.execute(delete(KEYS).where(KEYS.c.created_at < now - timedelta(days=KEPT_DAYS)))
