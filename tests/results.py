"""What came of each test, kept in a file between runs, so that rows can be called proved."""

import contextlib
import json
from pathlib import Path

import pytest

from deploy.local.processes import ROOT

RESULTS = ROOT / "build" / "test-results.json"


class Results:
    """A pytest plugin that keeps the last outcome of every test by its name.

    Runs of parts of the tests add up; a test that ran again replaces what it was.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test passed when its own part passed and nothing around it failed."""
        before = self._outcomes.get(report.nodeid)
        if report.when == "call" or (report.outcome != "passed" and before in {None, "passed"}):
            self._outcomes[report.nodeid] = report.outcome

    def pytest_sessionfinish(self) -> None:
        """Add this run to the file."""
        if not self._outcomes:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(
            json.dumps({**outcomes(self._path), **self._outcomes}, indent=1, sort_keys=True)
        )


def outcomes(path: Path) -> dict[str, str]:
    """The last outcome of each test: passed, failed or skipped; nothing where none ran."""
    with contextlib.suppress(FileNotFoundError):
        return dict(json.loads(path.read_text()))
    return {}
