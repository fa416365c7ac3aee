"""The doors of a service over HTTP: who asks, in which transaction, at which programme time.

Every route takes `command(...)` or `query(...)` as a dependency and so declares who may use it;
the transaction is committed before the answer leaves.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared import clock, idempotency
from shared.auth import STATE, Grant, Person, Role, Tokens
from shared.calendar import FIRST_DAY, LAST_DAY, TIMEZONE
from shared.db import Database
from shared.errors import Invalid, NotSignedIn, Refused, RoleMissing
from shared.problems import add_problem_handlers
from shared.registers import grants_of
from shared.settings import ServiceSettings
from shared.stories import StoryMiddleware

Cursor = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""The number of a row where a page begins."""


class ProgrammeTimeRefused(Refused):
    """In production the time is the clock's; Programme-Time is for local runs only."""

    code = "programme-time-refused"
    status = 400


class BadProgrammeTime(Invalid):
    """Programme-Time is a date and time of this century with offset (2017-09-01T09:00:00Z)."""

    code = "bad-programme-time"


@dataclass(frozen=True)
class Query:
    """A reading request: who asks, in which transaction, at which time."""

    session: AsyncSession
    person: Person
    now: datetime

    @property
    def today(self) -> date:
        """The day in Riga."""
        return self.now.astimezone(TIMEZONE).date()


@dataclass(frozen=True)
class Command(Query):
    """A changing request, with the key under which its answer is kept."""

    key: str

    async def answer(self, body: BaseModel, status: int = 200) -> Response:
        """Keep the answer beside the key, in this transaction, and give it."""
        content = body.model_dump_json().encode()
        await idempotency.end(
            self.session, subject=self.person.subject, key=self.key, status=status, body=content
        )
        return Response(content, status_code=status, media_type="application/json")


@dataclass(frozen=True)
class Web:
    """What the doors need of their process; lies in `app.state.web`."""

    settings: ServiceSettings
    database: Database
    tokens: Tokens


@dataclass(frozen=True)
class Needs:
    """What a route declares: the roles of which a person must have one (none: any signed in)."""

    roles: tuple[Role, ...]

    async def person(self, request: Request, session: AsyncSession, today: date) -> Person:
        """The person who asks, if one of the roles is there; raises NotSignedIn, RoleMissing."""
        web: Web = request.app.state.web
        subject = await signed_in(request)
        grants = await grants_of(session, subject, today)
        if subject == web.settings.bootstrap_subject:
            grants = (*grants, Grant(Role.STATE_OFFICER, STATE))
        if self.roles and not any(grant.role in self.roles for grant in grants):
            raise RoleMissing(needed=sorted(self.roles))
        return Person(subject, grants)


class QueryNeeds(Needs):
    """Reads in a transaction of its own, so that a read can be logged with it."""

    async def __call__(self, request: Request) -> AsyncIterator[Query]:
        """Open the transaction, find out who asks, commit after the route."""
        web: Web = request.app.state.web
        now = programme_time(request, web.settings)
        async with web.database.transaction() as session:
            person = await self.person(request, session, now.astimezone(TIMEZONE).date())
            yield Query(session, person, now)


class CommandNeeds(Needs):
    """Changes in one transaction together with the idempotency key, committed before the answer."""

    async def __call__(self, request: Request) -> AsyncIterator[Command]:
        """Open the transaction, find out who asks, take the key, commit after the route."""
        web: Web = request.app.state.web
        now = programme_time(request, web.settings)
        async with web.database.transaction() as session:
            person = await self.person(request, session, now.astimezone(TIMEZONE).date())
            key = await self.key_of(request)
            await idempotency.begin(
                session, request, subject=person.subject, key=key, at=clock.now()
            )
            yield Command(session, person, now, key)

    async def key_of(self, request: Request) -> str:
        """The key under which the answer is kept."""
        return request.headers.get("Idempotency-Key", "")


def query(*roles: Role) -> Any:
    """The dependency of a reading route."""
    return Depends(QueryNeeds(roles), scope="function")


def command(*roles: Role) -> Any:
    """The dependency of a changing route."""
    return Depends(CommandNeeds(roles), scope="function")


async def signed_in(request: Request) -> str:
    """The subject of the request's bearer token; raises NotSignedIn."""
    web: Web = request.app.state.web
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn()
    return await web.tokens.subject(token)


def programme_time(request: Request, settings: ServiceSettings) -> datetime:
    """The request's *now*: its Programme-Time outside production, otherwise the programme's."""
    text = request.headers.get("Programme-Time")
    if text is None:
        return clock.programme_now(settings.programme_days_behind)
    if settings.is_production:
        raise ProgrammeTimeRefused(field="Programme-Time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadProgrammeTime(field="Programme-Time") from error
    if moment.tzinfo is None or not FIRST_DAY < moment.date() < LAST_DAY:
        raise BadProgrammeTime(field="Programme-Time")
    return moment


def _replayed(_request: Request, error: Exception) -> Response:
    """The stored answer of a repeated command."""
    assert isinstance(error, idempotency.Replayed)
    return error.response


def create_app(*, title: str, about: str, web: Web, **more: Any) -> FastAPI:
    """An application with problems, stories and the state its doors need; routers come after."""
    app = FastAPI(title=title, description=about, docs_url=None, redoc_url=None, **more)
    app.state.web = web
    app.add_exception_handler(idempotency.Replayed, _replayed)
    add_problem_handlers(app)
    app.add_middleware(StoryMiddleware)
    return app
