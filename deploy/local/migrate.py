"""Migrates several databases in one process, since loading the libraries takes longest.

`python -m deploy.local.migrate plans=ADDRESS payments=ADDRESS`; the same as
`python -m services.<name> migrate` for each.
"""

import asyncio
import importlib
import sys

from shared.service import migrate


async def main(pairs: list[str]) -> None:
    """Bring each service's database to its newest version, one after another."""
    for pair in pairs:
        name, _, address = pair.partition("=")
        app = importlib.import_module(f"services.{name}.app")
        await migrate(app.SERVICE, address)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
