"""What the demo says and leaves behind: progress, the table of figures, files in build/demo."""

import contextlib
import json
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from deploy.demo.facts import Figure

WIDTH_ID, WIDTH_VALUE, WIDTH_SOURCE = 44, 30, 46


@dataclass(frozen=True)
class Verdict:
    """One figure of a page beside what the system has."""

    id: str
    kind: str
    expected: Any
    counted: Any
    source: str
    agrees: bool
    remark: str = ""


def verdict(figure: Figure, counted: Any, *, agrees: bool, remark: str = "") -> Verdict:
    """A verdict on a figure."""
    return Verdict(figure.id, figure.kind, figure.value, counted, figure.source(), agrees, remark)


@dataclass
class Diary:
    """Says what happens while it happens, and remembers how long each stage took."""

    folder: Path
    stages: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def start_afresh(self) -> None:
        """Empty the folder of an earlier run, logs excepted."""
        for name in ("bank-files", "reports"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir(parents=True)
        for name in ("figures.json", "summary.json"):
            (self.folder / name).unlink(missing_ok=True)

    def say(self, sentence: str) -> None:
        """One line of progress."""
        print(sentence, flush=True)

    def note(self, sentence: str) -> None:
        """Something seen on the way that belongs into the summary, such as a refusal."""
        self.notes.append(sentence)
        self.say(f"           {sentence}")

    def count(self, what: str, more: int) -> None:
        """Add to a count of the summary."""
        self.counts[what] = self.counts.get(what, 0) + more

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; stages of one name add up."""
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        self.stages[name] = round(self.stages.get(name, 0.0) + took, 2)
        self.say(f"  {took:6.2f} s  {name}")

    def save_bank_file(self, name: str, content: bytes) -> None:
        """Keep a bank file as it was downloaded."""
        (self.folder / "bank-files" / name).write_bytes(content)

    def save_report(self, name: str, content: str) -> None:
        """Keep a table as CSV or JSON."""
        (self.folder / "reports" / name).write_text(content, "utf-8")

    def save_archive(self, name: str, content: bytes) -> None:
        """Keep an archive as it was downloaded."""
        (self.folder / "reports" / name).write_bytes(content)

    def save_json(self, name: str, content: Any) -> None:
        """Keep what the run found."""
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (self.folder / name).write_text(text + "\n", "utf-8")


def print_table(verdicts: Sequence[Verdict]) -> None:
    """Every figure beside what the system has."""
    print()
    print(_row("id", "expected", "counted", "source", "agrees"))
    print(_row("-" * WIDTH_ID, "-" * WIDTH_VALUE, "-" * WIDTH_VALUE, "-" * WIDTH_SOURCE, "------"))
    for found in verdicts:
        print(
            _row(
                found.id,
                _text(found.expected),
                _text(found.counted),
                found.source,
                "yes" if found.agrees else "NO",
            )
        )
    for found in verdicts:
        if not found.agrees:
            print(f"  {found.id}: {found.remark or 'differs'}", file=sys.stderr)


def _row(id_: str, expected: str, counted: str, source: str, agrees: str) -> str:
    cells = (
        (id_, WIDTH_ID),
        (expected, WIDTH_VALUE),
        (counted, WIDTH_VALUE),
        (source, WIDTH_SOURCE),
    )
    return "  ".join([*(_fit(text, width) for text, width in cells), agrees])


def _fit(text: str, width: int) -> str:
    """Text in a cell; what does not fit is in figures.json whole."""
    return f"{text[: width - 1]}…" if len(text) > width else text.ljust(width)


def _text(value: Any) -> str:
    if isinstance(value, dict) and set(value) >= {"from", "to"}:
        return f"{value['from']} to {value['to']}"
    if isinstance(value, list):
        return " | ".join("not reported" if part is None else _text(part) for part in value)
    return str(value)


def last_line(verdicts: Sequence[Verdict]) -> str:
    """The line a newcomer looks for."""
    return f"demo: {sum(v.agrees for v in verdicts)} of {len(verdicts)} figures agree"


def as_json(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The table for build/demo/figures.json."""
    return [asdict(found) for found in verdicts]
