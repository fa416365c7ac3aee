"""The whole demo on a system that runs: live through the years, compare, say what was found."""

import importlib.metadata
import os
import platform
import sys
import time
import traceback
from typing import Any

from deploy.demo import compare, run
from deploy.demo.book import Book
from deploy.demo.client import Doors
from deploy.demo.offices import offices
from deploy.demo.report import Diary, Verdict, as_json, last_line, print_table
from deploy.local.processes import ROOT
from deploy.local.system import LocalSystem

PACKAGES = ("faststream", "aiokafka", "sqlalchemy", "asyncpg", "fastapi", "pydantic")


async def demo_on(system: LocalSystem, *, began: float) -> bool:
    """Run everything and print the last line; True where every figure agrees.

    `began` is when the run started, by the monotonic clock.
    """
    diary = Diary(system.folder)
    diary.start_afresh()
    for stage, seconds in system.seconds.items():
        diary.stages[stage] = seconds
        diary.say(f"  {seconds:6.2f} s  {stage}")
    diary.say(f"           database: {system.database_kind} ({system.postgres.why})")
    diary.say(f"           broker: {system.broker_kind} ({system.broker.why})")
    doors = Doors(system.urls, system.token)
    try:
        book = Book(doors, diary, system.bootstrap)
        fault = await _lived_and_compared(book, system.urls["payments"])
        diary.stages["everything"] = round(time.monotonic() - began, 2)
        return _said(book, system, fault)
    finally:
        await doors.close()


async def _lived_and_compared(book: Book, payments: str) -> str | None:
    """Run all stages; what went wrong, where something did."""
    try:
        async with offices(book, payments):
            await run.live_through(book)
            await run.compare_all(book)
    except Exception:
        return traceback.format_exc()
    return None


def _said(book: Book, system: LocalSystem, fault: str | None) -> bool:
    """Print the table, leave the files, give the last line."""
    found = compare.verdicts(book)
    print_table(found)
    book.diary.save_json("figures.json", as_json(found))
    book.diary.save_json("summary.json", _summary(book, system, found, fault))
    if fault:
        print(f"\nthe demo broke off:\n{fault}", file=sys.stderr)
    seconds = book.diary.stages["everything"]
    print(f"\n{seconds:.1f} s in all; details in {system.folder.relative_to(ROOT)}")
    print(last_line(found), flush=True)
    return fault is None and all(verdict.agrees for verdict in found)


def _summary(
    book: Book, system: LocalSystem, found: list[Verdict], fault: str | None
) -> dict[str, Any]:
    return {
        "agree": sum(verdict.agrees for verdict in found),
        "figures": len(found),
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
