"""`python -m services.<name> dead-letters list | show | replay | discard`.

Nothing is changed without `--do`; every change says who (`--by`) and why (`--why`).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Annotated, TypeVar

import typer

from shared.bus import dead_letters
from shared.bus.consume import Consumer
from shared.bus.dead_letters import Act
from shared.db import Database
from shared.errors import Refused

T = TypeVar("T")
Open = Callable[[], tuple[Database, Mapping[str, Consumer]]]
"""Gives the service's database and its consumers by group."""

LetterId = Annotated[int, typer.Argument(help="number of the dead letter")]
By = Annotated[str, typer.Option("--by", help="who does this")]
Why = Annotated[str, typer.Option("--why", help="for what reason")]
Do = Annotated[bool, typer.Option("--do", help="do it; without this it is only tried")]


def commands(opened: Open) -> typer.Typer:
    """The four commands for one service."""
    cli = typer.Typer(help="What could not be applied, and what to do about it.")
    _add_looking(cli, opened)
    _add_acting(cli, opened)
    return cli


def _add_looking(cli: typer.Typer, opened: Open) -> None:
    """`list` and `show`, which change nothing."""

    @cli.command("list")
    def list_command(
        state: Annotated[str, typer.Option(help="open, replayed, discarded or all")] = "open",
        stage: Annotated[str, typer.Option(help="read, contract, effect or parked")] = "",
    ) -> None:
        """One JSON line for each, oldest first."""
        database, _ = opened()

        async def listed() -> list[dead_letters.Letter]:
            async with database.transaction() as session:
                wanted = None if state == "all" else state
                return await dead_letters.list_letters(session, state=wanted, stage=stage or None)

        for letter in _run(database, listed):
            typer.echo(json.dumps(asdict(letter), default=str, ensure_ascii=False))

    @cli.command()
    def show(letter_id: LetterId) -> None:
        """All that is kept of one, headers and value included."""
        database, _ = opened()

        async def shown() -> dict[str, object]:
            async with database.transaction() as session:
                return await dead_letters.show(session, letter_id)

        letter = _run(database, shown)
        typer.echo(json.dumps(letter, default=str, ensure_ascii=False, indent=1))


def _add_acting(cli: typer.Typer, opened: Open) -> None:
    """`replay` and `discard`, which are only tried without `--do`."""

    @cli.command()
    def replay(letter_id: LetterId, by: By, why: Why, do: Do = False) -> None:
        """Apply one again, and all that waits behind its key."""
        database, consumers = opened()
        act = Act(by, why, for_real=do)

        async def replayed() -> list[int]:
            return await dead_letters.replay(database, consumers, letter_id, act)

        applied = _run(database, replayed)
        typer.echo(f"{'applied' if do else 'would be applied'}: {', '.join(map(str, applied))}")

    @cli.command()
    def discard(letter_id: LetterId, by: By, why: Why, do: Do = False) -> None:
        """Let one be."""
        database, _ = opened()

        async def discarded() -> int:
            return await dead_letters.discard(database, letter_id, Act(by, why, for_real=do))

        waiting = _run(database, discarded)
        behind = f"; {waiting} still wait behind its key, replay one of them" if waiting else ""
        typer.echo(f"{'discarded' if do else 'would be discarded'}: {letter_id}{behind}")


def _run(database: Database, work: Callable[[], Awaitable[T]]) -> T:
    """Run the work and close the database; a refusal ends with its sentence and code 1."""

    async def run() -> T:
        try:
            return await work()
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except Refused as refusal:
        typer.echo(f"{refusal.code}: {refusal.sentence}", err=True)
        raise typer.Exit(1) from None
