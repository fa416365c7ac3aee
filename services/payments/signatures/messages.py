"""Requests as they came over HTTP, to look at their signature; pages that are signed."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from services.payments.signatures.actions import check_request, signed_answer
from services.payments.signatures.domain import Sent
from services.payments.signing import Signer
from shared.auth import Role
from shared.upload import Upload, UploadNeeds
from shared.web import Command, CommandNeeds, Query, Web


class OfficeCommandNeeds(CommandNeeds):
    """As a command below /offices/{partner}, whose signature is checked before the route begins."""

    async def __call__(self, request: Request) -> AsyncIterator[Command]:
        """Open the transaction, check the signature, commit after the route."""
        async with asynccontextmanager(super().__call__)(request) as order:
            body = await request.body()
            await _check(request, order, hashlib.sha256(body).digest() if body else None)
            yield order


class OfficeUploadNeeds(UploadNeeds):
    """As an upload below /offices/{partner}; the signature covers the digest of the file."""

    async def __call__(self, request: Request) -> AsyncIterator[Upload]:
        """Take the file in, check the signature, commit after the route."""
        async with asynccontextmanager(super().__call__)(request) as brought:
            await _check(request, brought, bytes.fromhex(brought.sha256))
            yield brought


def office_command(*roles: Role) -> Any:
    """The dependency of a route that changes something for its office."""
    return Depends(OfficeCommandNeeds(roles), scope="function")


def office_upload(*roles: Role) -> Any:
    """The dependency of a route that takes a file for its office."""
    return Depends(OfficeUploadNeeds(roles), scope="function")


async def _check(request: Request, order: Command, body_digest: bytes | None) -> None:
    """Refuse a command that should be signed and is not, or not rightly."""
    sent, partner = as_sent(request, body_digest), request.path_params["partner"]
    await check_request(order.session, sent, partner, by=order.person, now=order.now)


def as_sent(request: Request, body_digest: bytes | None = None) -> Sent:
    """What a signature may cover of a request, and the headers that carry it."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return Sent(
        method=request.method,
        path=raw.partition(b"?")[0].decode("ascii"),
        query=f"?{request.scope['query_string'].decode('ascii')}",
        body_digest=body_digest,
        content_digest=request.headers.get("Content-Digest"),
        signature_input=request.headers.get("Signature-Input"),
        signature=request.headers.get("Signature"),
    )


async def signed_page(request: Request, asked: Query, partner: str, page: BaseModel) -> Response:
    """A page for an office: its request's signature is checked, the answer is signed."""
    sent = as_sent(request)
    await check_request(asked.session, sent, partner, by=asked.person, now=asked.now)
    web: Web = request.app.state.web
    content = page.model_dump_json().encode()
    digest = hashlib.sha256(content).digest()
    signer = Signer.of(web.settings)
    headers = signed_answer(signer, sent, digest, status=200, now=asked.now)
    return Response(content, media_type="application/json", headers=headers)
