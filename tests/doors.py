"""A service's HTTP doors in a test: the real application and database, without a port.

`service_doors("plans")` (a fixture) gives a `Doors` whose people have the grants a test names.
"""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx

from deploy.local.tokens import TokenIssuer
from shared.auth import Role
from shared.contracts.base import Fact, Received
from shared.contracts.identification import StaffGranted
from shared.db import Database
from shared.registers import keep_grants
from shared.service import Service
from shared.settings import Environment, ServiceSettings

LONG_AGO = date(2010, 1, 1)


class Doors:
    """Asks a service as this or that person, at this or that programme time."""

    def __init__(
        self, service: Service, settings: ServiceSettings, database: Database, tokens: TokenIssuer
    ) -> None:
        self.service = service
        self.settings = settings
        self.database = database
        self._tokens = tokens
        self.app = service.web(settings, database)
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://service")

    async def grant(
        self,
        subject: str,
        role: Role | str,
        organisation: str,
        *,
        staff_ref: str | None = None,
        staff_kind: str | None = None,
        valid_from: date = LONG_AGO,
        valid_to: date | None = None,
    ) -> None:
        """Let a person have a role, as if identification had told so."""
        grant = StaffGranted(
            register_key=f"grant:{subject}:{role}:{organisation}",
            version=1,
            grant_id=f"{subject}-{role}-{organisation}",
            subject=subject,
            staff_ref=staff_ref,
            role=str(role),
            organisation=organisation,
            staff_kind=staff_kind,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        async with self.database.transaction() as session:
            await keep_grants(session, [told(grant)])

    def headers(self, subject: str | None, at: str | None, key: str | None) -> dict[str, str]:
        """What a request carries: a token, a programme time, an idempotency key."""
        found = {}
        if subject is not None:
            found["Authorization"] = f"Bearer {self._tokens.token(subject)}"
        if at is not None:
            found["Programme-Time"] = at if "T" in at else f"{at}T09:00:00+00:00"
        if key is not None:
            found["Idempotency-Key"] = key
        return found

    async def get(
        self, path: str, *, by: str | None, at: str | None = None, **params: Any
    ) -> httpx.Response:
        """Read as somebody."""
        return await self.client.get(path, params=params, headers=self.headers(by, at, None))

    async def send(
        self,
        path: str,
        body: Any,
        *,
        by: str | None,
        at: str | None = None,
        key: str | None = None,
        method: str = "POST",
        **params: Any,
    ) -> httpx.Response:
        """Command as somebody, under a new idempotency key unless one is given."""
        headers = self.headers(by, at, key or str(uuid.uuid4()))
        return await self.client.request(method, path, json=body, params=params, headers=headers)

    async def lines(
        self,
        path: str,
        lines: Sequence[dict[str, Any]],
        *,
        by: str,
        at: str | None = None,
        **params: Any,
    ) -> list[dict[str, Any]]:
        """A bulk command; gives the answers of its lines."""
        answer = await self.send(path, {"lines": list(lines)}, by=by, at=at, **params)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["lines"]
        return found


def told(fact: Fact, *, at: str = "2017-09-01T09:00:00+00:00", offset: int = 0) -> Received[Any]:
    """A fact as a consumer would get it."""
    return Received(
        fact=fact,
        at=datetime.fromisoformat(at),
        event_id=str(uuid.uuid4()),
        source="/tests/one",
        topic=fact.topic_name,
        partition=0,
        offset=offset,
        partner=fact.about_partner,
    )


MakeDoors = Callable[..., Awaitable[Doors]]


@asynccontextmanager
async def open_doors(
    service: Service, url: str, *, tokens: TokenIssuer, keys: Path, **more: Any
) -> AsyncIterator[Doors]:
    """The doors of a service on a database; closed afterwards."""
    settings = service.settings(
        environment=more.pop("environment", Environment.TEST),
        database_url=url,
        oidc_issuer=tokens.issuer,
        oidc_jwks=str(keys),
        bootstrap_subject="first.person",
        **more,
    )
    database = service.database(settings)
    doors = Doors(service, settings, database, tokens)
    try:
        yield doors
    finally:
        await doors.client.aclose()
        await database.close()
