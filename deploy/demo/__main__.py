"""`python -m deploy.demo` runs the whole programme and compares every figure; --keep stays up."""

import asyncio
import contextlib
import importlib.metadata
import os
import platform
import signal
import sys
import time
import traceback
from typing import Annotated, Any

import typer

from deploy.demo import compare, people, run
from deploy.demo.book import Book
from deploy.demo.client import Doors
from deploy.demo.offices import offices
from deploy.demo.report import Diary, as_json, last_line, print_table
from deploy.local.kafka import BrokerUnavailable
from deploy.local.postgres import PostgresUnavailable
from deploy.local.processes import ROOT
from deploy.local.supervisor import StartFailed
from deploy.local.system import LocalSystem
from deploy.local.welcome import welcome

PACKAGES = ("faststream", "aiokafka", "sqlalchemy", "asyncpg", "fastapi", "pydantic")


def main(
    keep: Annotated[bool, typer.Option(help="stay up afterwards, until Ctrl-C")] = False,
    name: Annotated[str, typer.Option(help="results go to build/<name>")] = "demo",
) -> None:
    """Run the demo; exit code 0 only where every figure agrees."""
    try:
        raise typer.Exit(0 if asyncio.run(_main(name, keep=keep)) else 1)
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
    async with LocalSystem(name, offices=people.partners()) as system:
        diary = Diary(system.folder)
        diary.start_afresh()
        for stage, seconds in system.seconds.items():
            diary.stages[stage] = seconds
            diary.say(f"  {seconds:6.2f} s  {stage}")
        diary.say(f"           database: {system.database_kind} ({system.postgres.why})")
        diary.say(f"           broker: {system.broker_kind} ({system.broker.why})")
        doors = Doors(system.urls, system.issuer_url)
        book = Book(doors, diary, system.bootstrap)
        try:
            fault = await _lived_and_compared(book, system.urls["payments"])
            agree = _say(book, system, fault, seconds=time.monotonic() - began)
            if keep:
                print(welcome(system), flush=True)
                await asyncio.Event().wait()
        finally:
            await doors.close()
    return agree


async def _lived_and_compared(book: Book, payments: str) -> str | None:
    """Run all stages; what went wrong, where something did."""
    try:
        async with offices(book, payments):
            await run.live_through(book)
            await run.compare_all(book)
    except Exception:
        return traceback.format_exc()
    return None


def _say(book: Book, system: LocalSystem, fault: str | None, *, seconds: float) -> bool:
    """Print the table, leave the files, give the last line."""
    found = compare.verdicts(book)
    print_table(found)
    book.diary.stages["everything"] = round(seconds, 2)
    book.diary.save_json("figures.json", as_json(found))
    book.diary.save_json("summary.json", _summary(book, system, fault))
    if fault:
        print(f"\nthe demo broke off:\n{fault}", file=sys.stderr)
    agree = fault is None and all(verdict.agrees for verdict in found)
    print(f"\n{seconds:.1f} s in all; details in {system.folder.relative_to(ROOT)}")
    print(last_line(found), flush=True)
    return agree


def _summary(book: Book, system: LocalSystem, fault: str | None) -> dict[str, Any]:
    return {
        "agree": sum(verdict.agrees for verdict in compare.verdicts(book)),
        "figures": len(compare.verdicts(book)),
        "counts": book.diary.counts,
        "commands": book.doors.commands,
        "lines": book.doors.lines,
        "seconds": book.diary.stages,
        "notes": book.diary.notes,
        "database": {"kind": system.database_kind, "why": system.postgres.why},
        "broker": {"kind": system.broker_kind, "why": system.broker.why},
        "restarts": system.restarts,
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in PACKAGES},
        "cores": os.cpu_count(),
        "fault": fault,
    }


if __name__ == "__main__":
    typer.run(main)
