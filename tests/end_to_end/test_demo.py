"""The demo as a newcomer runs it: every figure agrees, and no topic knows a person."""

import json
import os
import subprocess
import sys

import pytest

from deploy.demo.topics_stage import everybody, found_in
from deploy.local.processes import ROOT

DEMO_SECONDS_MAX = 600
FOLDER = ROOT / "build" / "demo"


@pytest.fixture(scope="module")
def demo() -> subprocess.CompletedProcess[str]:
    """The demo on the machine's real broker, run once."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.demo"],
        cwd=ROOT,
        env={**os.environ, "BROKER": "jvm"},
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS_MAX,
        check=False,
    )


@pytest.mark.feature("N27")
def test_every_figure_of_the_pages_agrees(demo: subprocess.CompletedProcess[str]) -> None:
    last = demo.stdout.strip().splitlines()[-1]
    assert last == "demo: 177 of 177 figures agree", demo.stdout[-2_000:] + demo.stderr[-2_000:]
    assert demo.returncode == 0


@pytest.mark.feature("S2")
def test_the_figures_lie_beside_what_was_counted(demo: subprocess.CompletedProcess[str]) -> None:
    figures = json.loads((FOLDER / "figures.json").read_text("utf-8"))
    assert {f["kind"] for f in figures} == {
        "observed",
        "parameter",
        "vocabulary",
        "planned",
        "contradiction",
    }
    by_id = {f["id"]: f for f in figures}
    assert by_id["liepaja-2017-1-pupils"]["counted"] == 118
    assert by_id["rezekne-2017-pupils"]["counted"] == 39


def test_bank_files_and_tables_are_left_to_look_at(
    demo: subprocess.CompletedProcess[str],
) -> None:
    assert list((FOLDER / "bank-files").glob("*.xml"))
    assert list((FOLDER / "reports").glob("*.csv"))
    summary = json.loads((FOLDER / "summary.json").read_text("utf-8"))
    assert summary["broker"]["kind"] == "jvm"
    assert summary["agree"] == summary["figures"] == 177


def test_no_topic_holds_a_name_a_code_or_an_account(
    demo: subprocess.CompletedProcess[str],
) -> None:
    summary = json.loads((FOLDER / "summary.json").read_text("utf-8"))
    assert any("nobody is in them" in note for note in summary["notes"]), summary["notes"]


def test_the_reader_of_topics_would_see_a_person() -> None:
    person = next(iter(everybody()))
    for seen in (person.personal_code, person.account, person.last_name):
        assert found_in(f'{{"x": "{seen}"}}', [person]) == {seen}
    dashed = f"{person.personal_code[:6]}-{person.personal_code[6:]}"
    assert found_in(dashed, [person]) == {person.personal_code}
    assert found_in("p1:00000000000000000000000000000001", [person]) == set()
