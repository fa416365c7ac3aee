"""`python -m deploy.local up` runs the whole system until Ctrl-C; `down` ends what was left."""

import asyncio
import contextlib
import json
import os
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from deploy.local import registers
from deploy.local.kafka import BrokerUnavailable
from deploy.local.postgres import PostgresUnavailable
from deploy.local.processes import ROOT, started_at
from deploy.local.supervisor import StartFailed
from deploy.local.system import LocalSystem
from deploy.local.welcome import welcome

DOWN_SECONDS_MAX = 20.0

command = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


@command.command()
def up(
    empty: Annotated[
        bool, typer.Option("--empty", help="without municipalities, schools and roles")
    ] = False,
    run: Annotated[str, typer.Option(help="logs go to build/<run>/logs")] = "up",
) -> None:
    """Start everything, say where it is, and stop it all on Ctrl-C."""
    try:
        asyncio.run(_up(run, empty=empty))
    except (BrokerUnavailable, PostgresUnavailable, StartFailed) as problem:
        typer.echo(f"could not start: {problem}", err=True)
        raise typer.Exit(1) from problem


async def _up(run: str, *, empty: bool) -> None:
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, enough.set)
    typer.echo("starting ...")
    starting = asyncio.create_task(_run(run, enough, empty=empty))
    waiting = asyncio.create_task(enough.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await starting
    waiting.cancel()


async def _run(run: str, enough: asyncio.Event, *, empty: bool) -> None:
    async with LocalSystem(run, offices=registers.offices()) as system:
        if not empty:
            typer.echo("entering municipalities, schools and roles ...")
            await registers.enter(system)
        typer.echo(welcome(system))
        try:
            await enough.wait()
        finally:
            typer.echo("\nstopping ...")


@command.command()
def down() -> None:
    """End what an earlier `up` or `demo` left running, and wait until it is gone."""
    notes = sorted((ROOT / "build").glob("*/pid.json"))
    for note in notes:
        _end(note)
    if not notes:
        typer.echo("nothing is running")


def _end(note: Path) -> None:
    """End the process a note names, unless its number belongs to somebody else by now."""
    noted = json.loads(note.read_text())
    pid, started = int(noted["pid"]), str(noted["started"])
    if started_at(pid) != started:
        note.unlink(missing_ok=True)
        typer.echo(f"{note.parent.name} had ended already")
        return
    until = time.monotonic() + DOWN_SECONDS_MAX
    os.kill(pid, signal.SIGTERM)
    while started_at(pid) == started and time.monotonic() < until:
        time.sleep(0.1)
    note.unlink(missing_ok=True)
    typer.echo(f"ended {note.parent.name}")


if __name__ == "__main__":
    command()
