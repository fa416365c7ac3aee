"""What wraps every request: its correlation and trace, limits on bodies, safe headers."""

import uuid
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.bus.context import story
from shared.problems import problem

BODY_BYTES_MAX = 64 * 1024 * 1024
LARGE_BODY_BYTES = 1024 * 1024
LARGE_BODIES_AT_ONCE_MAX = 8
RETRY_AFTER_SECONDS = 2
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
        self._large_bodies = 0

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
        large = _is_large(headers)
        if large and self._large_bodies >= LARGE_BODIES_AT_ONCE_MAX:
            await _too_busy(scope, receive, send)
            return
        self._large_bodies += large
        with story(correlation_id=correlation, traceparent=headers.get("traceparent")):
            try:
                await self._app(scope, _limited(receive), _marked(send, correlation))
            except BodyTooLarge:
                await _too_large(scope, receive, send)
            finally:
                self._large_bodies -= large


def _is_large(headers: Headers) -> bool:
    """Whether a body is announced as large, or not announced and so may be."""
    announced = headers.get("content-length")
    if announced is None:
        return "transfer-encoding" in headers
    return int(announced) > LARGE_BODY_BYTES


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


async def _too_busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Ask to come again: so many large bodies at once would take this process's memory."""
    detail = f"{LARGE_BODIES_AT_ONCE_MAX} large requests are being worked on; send this one again."
    answer = problem(429, "too-many-at-once", detail, large_body_bytes=LARGE_BODY_BYTES)
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    await answer(scope, receive, send)
