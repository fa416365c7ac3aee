"""Requests as they came over HTTP, to look at their signature; pages that are signed."""

import hashlib

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from services.payments.signatures.actions import check_request, signed_answer
from services.payments.signatures.domain import Sent
from services.payments.signing import Signer
from shared.web import Query, Web


async def as_sent(request: Request) -> Sent:
    """What a signature may cover of a request, and the headers that carry it."""
    body = await request.body()
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return Sent(
        method=request.method,
        path=raw.partition(b"?")[0].decode("ascii"),
        query=f"?{request.scope['query_string'].decode('ascii')}",
        body_digest=hashlib.sha256(body).digest() if body else None,
        content_digest=request.headers.get("Content-Digest"),
        signature_input=request.headers.get("Signature-Input"),
        signature=request.headers.get("Signature"),
    )


async def signed_page(request: Request, asked: Query, partner: str, page: BaseModel) -> Response:
    """A page for an office: its request's signature is checked, the answer is signed."""
    sent = await as_sent(request)
    await check_request(asked.session, sent, partner, by=asked.person, now=asked.now)
    web: Web = request.app.state.web
    content = page.model_dump_json().encode()
    digest = hashlib.sha256(content).digest()
    signer = Signer.of(web.settings)
    headers = signed_answer(signer, sent, digest, status=200, now=asked.now)
    return Response(content, media_type="application/json", headers=headers)
