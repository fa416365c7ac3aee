"""`make features`: which rows of the table are proved by tests that passed.

A row is proved by a test marked with its id, `@pytest.mark.feature("M2")`, that is there now and
passed when it last ran. The rows are in `features.json`.
"""

import contextlib
import io
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.results import RESULTS, outcomes

TABLE = Path(__file__).with_name("features.json")
FOLDERS = ("unit", "contracts", "integration", "end_to_end", "faults")


class Collected:
    """A pytest plugin that notes which tests name which rows."""

    def __init__(self) -> None:
        self.tests: dict[str, list[str]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Read every mark of every test."""
        for item in items:
            for mark in item.iter_markers("feature"):
                for row in mark.args:
                    self.tests[str(row)].append(item.nodeid)


def rows() -> list[dict[str, str]]:
    """The table: id, what it is about, and the row in words."""
    table: list[dict[str, str]] = json.loads(TABLE.read_text("utf-8"))
    return table


def collect() -> dict[str, list[str]]:
    """The tests of each row, by asking pytest. Raises SystemExit when it cannot read them."""
    plugin = Collected()
    folders = [str(Path(__file__).with_name(name)) for name in FOLDERS]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *folders], [plugin])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise SystemExit(f"the tests cannot be read:\n{said.getvalue()[-2000:]}")
    return plugin.tests


def report(
    table: Iterable[dict[str, str]], tests: dict[str, list[str]], passed: set[str]
) -> list[str]:
    """One line a row (id, proved or open, its tests) and the count as the last line."""
    lines, proved, known = [], 0, set()
    for row in table:
        known.add(row["id"])
        good = sorted({_short(test) for test in tests.get(row["id"], []) if test in passed})
        proved += bool(good)
        state = "proved" if good else "open"
        lines.append(f"{row['id']:<4} {state:<7} {', '.join(good) or '- ' + row['row']}")
    unknown = sorted(set(tests) - known)
    if unknown:
        lines.append(f"marks that name no row: {', '.join(unknown)}")
    lines.append(f"features: {proved} of {len(known)} rows proved")
    return lines


def _short(test: str) -> str:
    """A test's name without its folder and its parameters."""
    return test.rpartition("/")[2].partition("[")[0]


def main() -> None:
    """Print the table."""
    passed = {test for test, outcome in outcomes(RESULTS).items() if outcome == "passed"}
    sys.stdout.write("\n".join(report(rows(), collect(), passed)) + "\n")


if __name__ == "__main__":
    main()
