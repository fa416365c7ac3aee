"""Databases for tests: each service's migrations run once, then copies of what they made."""

import asyncio
import importlib

from deploy.local.postgres import Postgres


class Templates:
    """One migrated database per service, made when it is first asked for."""

    def __init__(self, server: Postgres) -> None:
        self.server = server
        self._made: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def copy(self, service: str, name: str) -> str:
        """A new database like the service's own after its migrations; returns its address."""
        # A template must have no other visitor, so one copy at a time.
        async with self._lock:
            if service not in self._made:
                self._made[service] = await self._migrated(service)
            return await self.server.create_database(name, template=self._made[service])

    async def _migrated(self, service: str) -> str:
        runner = importlib.import_module("shared.service")
        app = importlib.import_module(f"services.{service}.app")
        name = f"template_{service}"
        await self.server.drop_database(name)
        await runner.migrate(app.SERVICE, await self.server.create_database(name))
        return name

    async def drop(self) -> None:
        """Remove the templates."""
        for name in self._made.values():
            await self.server.drop_database(name)
