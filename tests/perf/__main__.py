"""`python -m tests.perf [--only NAME]`: measure, print a table, keep it."""

import argparse
import asyncio
import contextlib
import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from tests.perf.ground import BUILD, Ground
from tests.perf.registry import Figure, Registered, registered

RESULTS = BUILD / "results.json"
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PACKAGES = ("aiokafka", "asyncpg", "fastapi", "faststream", "pydantic", "sqlalchemy")


async def main(only: str | None) -> int:
    """Measure what was asked for; 0 when every goal is reached, 1 otherwise."""
    chosen = [one for one in registered() if only is None or only in one.names]
    if not chosen:
        typer.echo(f"nobody measures {only}; there is: {', '.join(_names(registered()))}")
        return 2
    BUILD.mkdir(parents=True, exist_ok=True)
    ground = Ground()
    figures: list[Figure] = []
    try:
        for one in chosen:
            typer.echo(f"measuring {', '.join(one.names)} ...")
            began = time.perf_counter()
            figures += await one.run(ground)
            typer.echo(f"  {time.perf_counter() - began:.0f} s")
    finally:
        ground.close()
    results = _kept(figures)
    RESULTS.write_text(json.dumps(results, indent=1))
    table = _table(results)
    typer.echo(f"\n{table}")
    _write(table)
    return 0 if all(figure.reached is not False for figure in figures) else 1


def _names(benchmarks: Sequence[Registered]) -> list[str]:
    return [name for one in benchmarks for name in one.names]


def _kept(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """These figures, and those of earlier runs that were not measured now."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    versions["python"] = platform.python_version()
    measured = {
        figure.name: {
            **asdict(figure),
            "ratio": figure.ratio,
            "reached": figure.reached,
            "versions": versions,
            "cores": os.cpu_count(),
        }
        for figure in figures
    }
    earlier: list[dict[str, Any]] = []
    with contextlib.suppress(FileNotFoundError):
        earlier = json.loads(RESULTS.read_text())
    return [*(one for one in earlier if one["name"] not in measured), *measured.values()]


def _table(results: Sequence[dict[str, Any]]) -> str:
    """A table as Markdown reads it."""
    lines = [
        "| figure | measured | goal | baseline | times the baseline |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for one in sorted(results, key=lambda result: result["name"]):
        goal = "" if one["goal"] is None else _number(one["goal"])
        mark = {True: "", False: " (not reached)", None: ""}[one["reached"]]
        baseline = f"{_number(one['baseline'])} {one['baseline_is']}" if one["baseline"] else ""
        ratio = f"{one['ratio']:.1f}" if one["ratio"] else ""
        lines.append(
            f"| `{one['name']}` | {_number(one['value'])} {one['unit']}{mark} "
            f"| {goal} | {baseline} | {ratio} |"
        )
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 100 else f"{value:.3g}"


def _write(table: str) -> None:
    """Put the table where readers of this folder look for it."""
    text = README.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    cores = os.cpu_count()
    README.write_text(f"{before}{BEGIN}\n\n{cores} cores.\n\n{table}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.perf", description=__doc__)
    parser.add_argument("--only", help="measure the benchmark that gives this figure")
    raise SystemExit(asyncio.run(main(parser.parse_args().only)))
