"""The whole system on this machine: database server, broker, sign-in and the five services."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from deploy.kafka.topics import create_topics
from deploy.local.kafka import Broker, kafka
from deploy.local.postgres import Postgres, postgres
from deploy.local.processes import (
    LOCALHOST,
    ROOT,
    Child,
    free_port,
    python_environment,
    short_folder,
    started_at,
)
from deploy.local.supervisor import StartFailed, Supervised
from deploy.local.tokens import TokenIssuer
from shared.contracts.catalogue import TOPICS

SERVICES = ("identification", "plans", "payments", "ngo_grants", "reporting")
READY_SECONDS_MAX = 90.0
MIGRATE_SECONDS_MAX = 120.0
CELL = "national"
FIRST_PERSON = "officer.state"
"""Signed in under this name somebody may grant the first roles (BOOTSTRAP_SUBJECT)."""


class LocalSystem:
    """Everything that runs, for as long as the block lasts:

    `async with LocalSystem("demo", offices=["..."]) as system: ...`

    Logs are in `build/<run>/logs`. Nothing is left running afterwards, however the block ends.
    """

    def __init__(
        self,
        run: str = "local",
        *,
        offices: Sequence[str] = (),
        services: Sequence[str] = SERVICES,
        environment: Mapping[str, str] | None = None,
        real_broker: bool = False,
    ) -> None:
        self.folder = ROOT / "build" / run
        self.logs = self.folder / "logs"
        self.offices = tuple(offices)
        self.seconds: dict[str, float] = {}
        self.urls: dict[str, str] = {}
        self.databases: dict[str, str] = {}
        self._wanted = tuple(services)
        self._more = dict(environment or {})
        self._real_broker = real_broker
        self._running: dict[str, Supervised] = {}
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> "LocalSystem":
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        self._secrets = self._stack.enter_context(short_folder())
        self._start_issuer()
        with self._timed("database and broker"):
            # Both are waited for even if one fails, so that nothing starts while all is closed.
            starting = (self._start_postgres(), self._start_kafka())
            for result in await asyncio.gather(*starting, return_exceptions=True):
                if isinstance(result, BaseException):
                    raise result
        with self._timed("topics"):
            self.add_offices(self.offices)
        with self._timed("services"):
            for name in self._wanted:
                self._start_service(name)
            self._write_pids()
            await self.wait_ready()

    async def _start_postgres(self) -> None:
        """Start the server, then make and migrate a database for each service."""
        self.postgres: Postgres = self._stack.enter_context(postgres(self.logs / "postgres.log"))
        given = self.postgres.kind == "given"
        suffix = f"_{secrets.token_hex(4)}" if given else ""
        for name in self._wanted:
            database = f"pumpurs_{name}{suffix}"
            self.databases[name] = await self.postgres.create_database(database)
            if given:
                self._stack.push_async_callback(self.postgres.drop_database, database)
        with self._timed("migrations"):
            await self._migrate()

    async def _migrate(self) -> None:
        addresses = [f"{name}={address}" for name, address in self.databases.items()]
        child = Child(
            "migrations",
            [sys.executable, "-m", "deploy.local.migrate", *addresses],
            environment=python_environment(ENVIRONMENT="local"),
            log=self.logs / "migrations.log",
        )
        code = await asyncio.to_thread(child.process.wait, MIGRATE_SECONDS_MAX)
        child.kill()
        if code:
            raise StartFailed(f"the databases were not migrated:\n{child.last_lines()}")

    async def _start_kafka(self) -> None:
        opening = kafka(self.logs, real=self._real_broker)
        self.broker: Broker = await asyncio.to_thread(opening.__enter__)
        self._stack.push(opening)

    def _start_issuer(self) -> None:
        port = free_port()
        keys = self._secrets / "keys.json"
        self.issuer_url = f"http://{LOCALHOST}:{port}"
        self._issuer = TokenIssuer.with_key_file(self.issuer_url, keys)
        self._supervise(
            "issuer",
            ["deploy.local.issuer", "--port", str(port), "--keys", str(keys)],
            environment={},
            ready=f"{self.issuer_url}/jwks.json",
        )

    def _start_service(self, name: str) -> None:
        port = free_port()
        self.urls[name] = f"http://{LOCALHOST}:{port}"
        self._supervise(
            name,
            [f"services.{name}", "all"],
            environment={
                **self._environment(name),
                "KAFKA_BOOTSTRAP": self.bootstrap,
                "PORT": str(port),
                "OIDC_ISSUER": self.issuer_url,
                "OIDC_JWKS": f"{self.issuer_url}/jwks.json",
            },
            ready=f"{self.urls[name]}/health/ready",
        )

    def _supervise(
        self, name: str, arguments: list[str], *, environment: Mapping[str, str], ready: str
    ) -> None:
        log = self.logs / f"{name}.log"
        process = Supervised(name, arguments, environment=environment, log=log, ready=ready)
        self._running[name] = process
        self._stack.push_async_callback(process.stop)

    def _environment(self, name: str) -> dict[str, str]:
        return {
            "ENVIRONMENT": "local",
            "DATABASE_URL": self.databases[name],
            "CELL": CELL,
            "SERVES": "*",
            "INSTANCE": f"{name}-0",
            "HOST": LOCALHOST,
            "BOOTSTRAP_SUBJECT": FIRST_PERSON,
            **self._more,
        }

    async def wait_ready(
        self, name: str | None = None, *, seconds: float = READY_SECONDS_MAX
    ) -> None:
        """Wait until one process, or all of them, say that they are ready. Raises StartFailed."""
        waiting = self._running.values() if name is None else (self._running[name],)
        await asyncio.gather(*(process.wait_ready(seconds=seconds) for process in waiting))

    @property
    def bootstrap(self) -> str:
        """Where Kafka listens, `host:port`."""
        return self.broker.bootstrap

    @property
    def broker_kind(self) -> str:
        """Which broker was taken: given, jvm, container or mock."""
        return self.broker.kind

    @property
    def database_kind(self) -> str:
        """Which database server was taken: given or embedded."""
        return self.postgres.kind

    @property
    def pids(self) -> dict[str, int]:
        """The processes as they are now, by name."""
        found = {name: process.pid for name, process in self._running.items()}
        if self.broker.handle is not None:
            found["kafka"] = self.broker.handle.pid
        if self.postgres.child is not None:
            found["postgres"] = self.postgres.child.pid
        return found

    @property
    def restarts(self) -> dict[str, int]:
        """How often each process was started again, by name."""
        return {name: process.restarts for name, process in self._running.items()}

    def token(self, subject: str, *, name: str | None = None) -> str:
        """A token that says who somebody is."""
        return self._issuer.token(subject, name=name)

    def kill(self, name: str) -> None:
        """End a process at once (kill -9); the supervision starts it again."""
        self._running[name].signal(signal.SIGKILL)

    def freeze(self, name: str) -> None:
        """Stop a process in its tracks (SIGSTOP) until it is thawed."""
        self._running[name].signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a frozen process go on."""
        self._running[name].signal(signal.SIGCONT)

    def stop_broker(self, *, kill: bool = False) -> None:
        """Take the broker away, its data stays; with `kill` at once, as in a crash."""
        assert self.broker.handle is not None, f"a {self.broker_kind} broker cannot be stopped"
        if kill:
            self.broker.handle.kill()
        else:
            self.broker.handle.stop()

    def start_broker(self) -> None:
        """Bring the broker back on the same port with the same data."""
        assert self.broker.handle is not None, f"a {self.broker_kind} broker cannot be started"
        self.broker.handle.start()

    def add_offices(self, offices: Sequence[str]) -> None:
        """Create what topics are missing, with those of these payment offices."""
        create_topics(self.bootstrap, TOPICS.values(), offices=offices)

    @contextlib.contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[stage] = round(time.monotonic() - began, 2)

    def _write_pids(self) -> None:
        """Note our own process, so that `python -m deploy.local down` can end us from outside."""
        note = self.folder / "pid.json"
        note.write_text(json.dumps({"pid": os.getpid(), "started": started_at(os.getpid())}))
        self._stack.callback(note.unlink, missing_ok=True)
