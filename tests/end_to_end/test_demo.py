"""The demo as a newcomer runs it: every figure agrees, and no topic knows a person."""

import json
import os
import subprocess
import sys

import pytest
from joserfc.jwk import KeySet

from deploy.demo.topics_stage import everybody, found_in
from deploy.local.processes import ROOT
from services.payments import archive
from services.payments.signing import LOCAL_SEED, Signer

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


def test_an_offices_month_is_shown_with_what_came_back_was_cut_and_was_reported(
    demo: subprocess.CompletedProcess[str],
) -> None:
    notes = "\n".join(json.loads((FOLDER / "summary.json").read_text("utf-8"))["notes"])
    for shown in (
        "the bank returned",
        "a ticket claimed in two municipalities: this evidence has already been paid",
        "cut to what is left",
        "because of 300.00 EUR in October",
        "both were said beforehand",
        "partner report 2017-12: opening 0.00, received 10000.00",
    ):
        assert shown in notes, notes
    report = json.loads((FOLDER / "reports" / "partner-report.json").read_text("utf-8"))
    assert 0 < report["verified"]["accepted_cents"] < report["spent_cents"]
    keys = KeySet.import_key_set(Signer({1: LOCAL_SEED}).published())
    for name, what in (("claim-package", "claim package"), ("audit-package", "audit package")):
        content = (FOLDER / "reports" / f"{name}.zip").read_bytes()
        assert archive.checked(content, keys)["about"]["what"] == what


@pytest.mark.feature("M27")
@pytest.mark.feature("M28")
def test_meals_by_voucher_are_shown_from_issue_to_payment_and_with_what_is_not_paid(
    demo: subprocess.CompletedProcess[str],
) -> None:
    notes = "\n".join(json.loads((FOLDER / "summary.json").read_text("utf-8"))["notes"])
    for shown in (
        "4 vouchers for meals in 2018-03 issued, printed and handed out",
        "a meal that is not paid: none of the days can be paid: 2018-03-06 (the pupil was marked",
        "2018-03-16 (a school break)",
        "the meal of 2018-03-13, in the break, is paid: it was a day of practice",
        "the caterer was paid 3.00 EUR for 2 vouchers",
    ):
        assert shown in notes, notes


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
