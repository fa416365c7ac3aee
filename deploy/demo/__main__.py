"""`python -m deploy.demo` runs the whole programme and compares every figure; --keep stays up."""

import asyncio
import contextlib
import signal
import time
from datetime import date
from typing import Annotated

import typer
import uvloop

from deploy.demo import people
from deploy.demo.whole import demo_on
from deploy.local.kafka import BrokerUnavailable
from deploy.local.postgres import PostgresUnavailable
from deploy.local.supervisor import StartFailed
from deploy.local.system import LocalSystem
from deploy.local.welcome import welcome


def main(
    keep: Annotated[bool, typer.Option(help="stay up afterwards, until Ctrl-C")] = False,
    name: Annotated[str, typer.Option(help="results go to build/<name>")] = "demo",
) -> None:
    """Run the demo; exit code 0 only where every figure agrees."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            raise typer.Exit(0 if runner.run(_main(name, keep=keep)) else 1)
    except (BrokerUnavailable, PostgresUnavailable, StartFailed) as problem:
        typer.echo(f"could not start: {problem}", err=True)
        raise typer.Exit(1) from problem


async def _main(name: str, *, keep: bool) -> bool:
    """Cancelled by a signal, everything is stopped in good order."""
    running = asyncio.create_task(_demo(name, keep=keep))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        return await running
    return False


async def _demo(name: str, *, keep: bool) -> bool:
    began = time.monotonic()
    print("starting database, broker and five services ...", flush=True)
    # What runs by itself lives on the first day of the story: nothing in it may be late by today.
    behind = (date.today() - people.PROGRAMME_START).days
    past = {"PROGRAMME_DAYS_BEHIND": str(behind)}
    async with LocalSystem(name, offices=people.partners(), environment=past) as system:
        agree = await demo_on(system, began=began)
        if keep:
            print(welcome(system), flush=True)
            await asyncio.Event().wait()
    return agree


if __name__ == "__main__":
    typer.run(main)
