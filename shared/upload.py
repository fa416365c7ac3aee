"""Doors that take a file: the body goes to a nameless file on disk as it comes, never to memory.

Who asks is checked before a byte is read. The file has no name from the start, so nothing of it
is left when the process ends, however it ends.
"""

import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from fastapi import Depends, Request

from shared import clock, idempotency
from shared.auth import Role
from shared.calendar import TIMEZONE
from shared.errors import Invalid
from shared.web import Command, CommandNeeds, Web, programme_time


class FileTooLarge(Invalid):
    """The file is larger than this door takes."""

    code = "file-too-large"
    status = 413


@dataclass(frozen=True)
class Upload(Command):
    """A changing request with the file it brought, at its beginning."""

    file: BinaryIO
    size: int
    sha256: str


class UploadNeeds(CommandNeeds):
    """As a command; the idempotency key belongs to the digest of the file."""

    async def __call__(self, request: Request) -> AsyncIterator[Upload]:
        """Find out who asks, take the file in, open the transaction, commit after the route."""
        web: Web = request.app.state.web
        now = programme_time(request, web.settings)
        key = request.headers.get("Idempotency-Key", "")
        today = now.astimezone(TIMEZONE).date()
        async with web.database.transaction() as session:
            await self.person(request, session, today)
        idempotency.check_key(key)
        with tempfile.TemporaryFile() as file:
            size, digest = await _take_in(request, file, web.settings.upload_bytes_max)
            async with web.database.transaction() as session:
                person = await self.person(request, session, today)
                await idempotency.begin(
                    session,
                    request,
                    subject=person.subject,
                    key=key,
                    at=clock.now(),
                    body_digest=digest,
                )
                yield Upload(session, person, now, key, file, size, digest.hex())


def upload(*roles: Role) -> Any:
    """The dependency of a route that takes a file."""
    return Depends(UploadNeeds(roles), scope="function")


def body_of(media_type: str) -> dict[str, Any]:
    """What OpenAPI says about the body of such a route, as its `openapi_extra`."""
    schema = {"type": "string", "format": "binary"}
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


async def _take_in(request: Request, file: BinaryIO, bytes_max: int) -> tuple[int, bytes]:
    """Write the body to the file; gives size and digest. Raises FileTooLarge."""
    if int(request.headers.get("content-length") or 0) > bytes_max:
        raise FileTooLarge(bytes_max=bytes_max)
    size, digest = 0, hashlib.sha256()
    async for piece in request.stream():
        size += len(piece)
        if size > bytes_max:
            raise FileTooLarge(bytes_max=bytes_max)
        digest.update(piece)
        file.write(piece)
    file.seek(0)
    return size, digest.digest()
