"""One service as a program: `python -m services.<name> migrate | web | worker | all | ...`.

`web` answers HTTP, `worker` relays and consumes, `all` does both in one process.
"""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from fastapi import APIRouter, FastAPI
from sqlalchemy import MetaData

from shared import clock, code_lists, logs, migrations, parameters, telemetry
from shared.auth import Tokens
from shared.bus.consume import Consumer
from shared.code_lists import CodeEntry
from shared.db import Database
from shared.dead_letter_commands import commands as dead_letter_commands
from shared.errors import Refused
from shared.idempotency import forget_old_keys
from shared.jobs import Job
from shared.migrations import Migrations
from shared.parameters import ParameterSpec
from shared.registers import REGISTERS_CONSUMER
from shared.running import Part, start
from shared.settings import ServiceSettings
from shared.web import Web, create_app

HOUR_SECONDS = 3600
Upkeep = Callable[..., Awaitable[str]]
"""Something an operator does by hand, in one transaction; its text is printed.

It is given a session and the time; what else it takes are the arguments of its command. A text
that is `FoundWrong` is printed and kept like any, and the command exits with its code.
"""


class FoundWrong(str):
    """What a command tells that did its work and found something that is not as it must be."""

    EXIT_CODE = 3
    """Neither 1, a refusal, nor 2, a command that was misspelled."""


@dataclass(frozen=True)
class Service:
    """What a service is made of; its `app.py` has exactly one."""

    name: str
    about: str
    settings: type[ServiceSettings]
    metadata: MetaData
    routers: Sequence[APIRouter]
    consumers: Sequence[Consumer] = ()
    jobs: Sequence[Job] = ()
    parameters: Sequence[ParameterSpec] = ()
    code_lists: Mapping[str, Sequence[CodeEntry]] = field(default_factory=dict)
    hears_registers: bool = True
    upkeep: Mapping[str, Upkeep] = field(default_factory=dict)

    @property
    def migrations(self) -> Migrations:
        """How its database comes to the version of its code."""
        return Migrations(self.name, self.metadata, self.parameters)

    @property
    def all_consumers(self) -> tuple[Consumer, ...]:
        """What it hears, the registers included."""
        registers = (REGISTERS_CONSUMER,) if self.hears_registers else ()
        return (*registers, *self.consumers)

    @property
    def all_jobs(self) -> tuple[Job, ...]:
        """What it does by itself, tidying included."""
        return (*self.jobs, Job("forget-old-keys", HOUR_SECONDS, forget_old_keys))

    def source(self, settings: ServiceSettings) -> str:
        """Its `ce_source`: one database, one name."""
        return f"/{self.name}/{settings.cell}"

    def database(self, settings: ServiceSettings) -> Database:
        """Its database as one process sees it."""
        return Database(
            settings.database_url,
            source=self.source(settings),
            pool_size=settings.database_pool,
            info={"settings": settings},
        )

    def web(self, settings: ServiceSettings, database: Database) -> FastAPI:
        """Its doors over HTTP, those every service has included."""
        tokens = Tokens(
            issuer=settings.oidc_issuer, audience=settings.oidc_audience, jwks=settings.oidc_jwks
        )
        app = create_app(
            title=f"Pumpurs {self.name}", about=self.about, web=Web(settings, database, tokens)
        )
        telemetry.trace_doors(app, settings)
        for router in self.routers:
            app.include_router(router)
        app.include_router(parameters.router(self.parameters, owner=self.name))
        app.include_router(code_lists.router(self.code_lists))
        return app


async def migrate(service: Service, url: str) -> None:
    """Bring a database to the newest version of a service and seed its parameters."""
    await migrations.run(url, service.migrations.upgrade)


def main(service: Service) -> None:
    """The command line of a service."""
    cli = typer.Typer(help=service.about, no_args_is_help=True, pretty_exceptions_enable=False)
    _add_running(cli, service)
    _add_upkeep(cli, service)
    for name, what in service.upkeep.items():
        _add_own(cli, service, name, what)
    cli.add_typer(dead_letter_commands(lambda: _opened(service)), name="dead-letters")
    cli()


def _add_running(cli: typer.Typer, service: Service) -> None:
    """The three ways to run it."""

    def serve(*parts: Part) -> None:
        raise SystemExit(start(service, _settings(service), frozenset(parts)))

    @cli.command()
    def web() -> None:
        """Answer HTTP."""
        serve(Part.WEB)

    @cli.command()
    def worker() -> None:
        """Send what was said, hear what others say, do the jobs."""
        serve(Part.WORKER)

    @cli.command(name="all")
    def everything() -> None:
        """Web and worker in one process."""
        serve(Part.WEB, Part.WORKER)


def _add_upkeep(cli: typer.Typer, service: Service) -> None:
    """What is done beside running it."""

    @cli.command("migrate")
    def migrate_command() -> None:
        """Bring the database to the newest version and seed parameters."""
        asyncio.run(migrate(service, _settings(service).database_url))

    @cli.command("make-migration")
    def make_migration(message: Annotated[str, typer.Argument()]) -> None:
        """Draft a migration from what the code has and the database lacks."""
        url = _settings(service).database_url
        asyncio.run(migrations.run(url, service.migrations.draft(message)))

    @cli.command()
    def openapi() -> None:
        """Print the OpenAPI document."""
        settings = service.settings(database_url="postgresql+asyncpg://unused")
        app = service.web(settings, service.database(settings))
        typer.echo(json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True))


def _add_own(cli: typer.Typer, service: Service, name: str, what: Upkeep) -> None:
    """One command of the service's own."""
    taken = list(inspect.signature(what, eval_str=True).parameters.values())[2:]

    async def run_it(**given: Any) -> str:
        settings = _settings(service)
        database = service.database(settings)
        try:
            async with database.transaction() as session:
                return await what(
                    session, clock.programme_now(settings.programme_days_behind), **given
                )
        finally:
            await database.close()

    def own_command(**given: Any) -> None:
        try:
            told = asyncio.run(run_it(**given))
        except Refused as refusal:
            details = json.dumps(refusal.details, ensure_ascii=False, default=str)
            more = f": {details}" if refusal.details else ""
            typer.echo(f"{refusal.code}: {refusal.sentence}{more}", err=True)
            raise typer.Exit(1) from None
        typer.echo(told)
        if isinstance(told, FoundWrong):
            raise typer.Exit(FoundWrong.EXIT_CODE)

    # Typer reads the arguments of a command from its signature.
    own_command.__dict__["__signature__"] = inspect.Signature(taken)
    own_command.__annotations__ = {one.name: one.annotation for one in taken}
    cli.command(name, help=what.__doc__)(own_command)


def _settings(service: Service) -> ServiceSettings:
    """What the environment says; logs and traces are set up accordingly."""
    settings = service.settings()
    logs.configure(service.name, level=settings.log_level)
    telemetry.configure(service.name, settings)
    return settings


def _opened(service: Service) -> tuple[Database, Mapping[str, Consumer]]:
    """The database, and the consumers by the group under which they keep dead letters."""
    settings = _settings(service)
    groups = {
        consumer.group(service.name, settings.cell): consumer for consumer in service.all_consumers
    }
    return service.database(settings), groups
