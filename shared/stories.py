"""What wraps every request: its correlation and trace, a limit on its body, safe headers."""

import uuid
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.bus.context import story
from shared.problems import problem

BODY_BYTES_MAX = 64 * 1024 * 1024
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class BodyTooLarge(Exception):
    """The body is longer than this door takes."""


class StoryMiddleware:
    """Everything a request causes belongs to its story (`correlationid`, `traceparent`)."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request inside its story."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation = headers.get("correlationid") or str(uuid.uuid4())
        if int(headers.get("content-length", "0") or "0") > BODY_BYTES_MAX:
            await _too_large(scope, receive, send)
            return
        with story(correlation_id=correlation, traceparent=headers.get("traceparent")):
            try:
                await self._app(scope, _limited(receive), _marked(send, correlation))
            except BodyTooLarge:
                await _too_large(scope, receive, send)


def _limited(receive: Receive) -> Receive:
    """Count what comes in, and stop at the limit also where no length was announced."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_BYTES_MAX:
            raise BodyTooLarge()
        return message

    return counted


def _marked(send: Send, correlation: str) -> Send:
    """Put the correlation and the safe headers on the answer."""

    async def marked(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["correlationid"] = correlation
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return marked


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a body over the limit."""
    answer = problem(413, "body-too-large", f"A body may have {BODY_BYTES_MAX} bytes at most.")
    await answer(scope, receive, send)
