"""The house test: every tracked file keeps the rules, and every rule catches what it is for."""

import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.house_layers import (
    imports_go_down,
    listed_rules_are_pure,
    names_are_roles_or_listed_nouns,
    nouns,
)
from tests.house_rules import FILE_LINES_MAX, FUNCTION_LINES_MAX, RULES, Code, Rule
from tests.house_texts import FOLDER_HEADINGS, SERVICE_HEADINGS, TEXT_RULES

ROOT = Path(__file__).resolve().parents[2]
CODE_FOLDERS = ("services", "shared", "deploy", "tests")
NOT_OURS = {"requirements.lock"}
LAYER_RULES = (names_are_roles_or_listed_nouns, imports_go_down, listed_rules_are_pure)
TextRule = Callable[[PurePosixPath, str], Iterator[str]]


@cache
def _tracked() -> list[PurePosixPath]:
    """What git keeps and what it would keep; a folder without git is walked instead."""
    asked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode == 0:
        names = asked.stdout.splitlines()
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
    hidden = {"build", ".venv"}
    paths = (PurePosixPath(name) for name in names)
    return [path for path in paths if not hidden & set(path.parts) and (ROOT / path).is_file()]


@cache
def _code() -> tuple[Code, ...]:
    return tuple(
        Code(path, (ROOT / path).read_text("utf-8"))
        for path in _tracked()
        if path.suffix == ".py" and path.parts[0] in CODE_FOLDERS
    )


def _listed(service: str | None) -> dict[str, str]:
    readme = ROOT / "services" / (service or "") / "README.md"
    return nouns(readme.read_text("utf-8")) if readme.exists() else {}


def _name(rule: object) -> str:
    return str(getattr(rule, "__name__", rule))


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_code_keeps_the_rule(rule: Rule) -> None:
    findings = [finding for code in _code() for finding in rule(code)]
    assert not findings, f"{rule.__doc__}\n" + "\n".join(findings)


@pytest.mark.parametrize("rule", LAYER_RULES, ids=_name)
def test_services_keep_their_layers(
    rule: Callable[[Code, dict[str, str]], Iterator[str]],
) -> None:
    findings = [finding for code in _code() for finding in rule(code, _listed(code.service))]
    assert not findings, f"{rule.__doc__}\n" + "\n".join(findings)


@pytest.mark.parametrize("rule", TEXT_RULES, ids=_name)
def test_texts_keep_the_rule(rule: TextRule) -> None:
    findings = []
    for path in _tracked():
        if path.name not in NOT_OURS:
            text = (ROOT / path).read_text("utf-8", errors="ignore")
            findings += list(rule(path, text))
    assert not findings, f"{rule.__doc__}\n" + "\n".join(findings)


def test_every_service_has_a_readme_and_every_code_folder_too() -> None:
    folders = {"services/" + (code.service or "") for code in _code() if code.service}
    missing = [
        folder
        for folder in sorted({*folders, "shared", "deploy", "tests", "."})
        if not (ROOT / folder / "README.md").exists()
    ]
    assert not missing


PLANS = "services/plans/"
BREAKS = {
    "files_stay_short": ("shared/x.py", "x = 1\n" * (FILE_LINES_MAX + 1)),
    "functions_fit_on_a_screen": (
        "shared/x.py",
        "def f() -> None:\n" + "    g()\n" * FUNCTION_LINES_MAX,
    ),
    "public_things_say_what_they_are": ("shared/x.py", '"""X."""\nclass A:\n    pass\n'),
    "only_the_database_edge_commits": (PLANS + "actions.py", "await session.commit()"),
    "only_edges_look_at_the_clock": (PLANS + "actions.py", "now = datetime.now(UTC)"),
    "only_the_bus_speaks_kafka": (PLANS + "actions.py", "from aiokafka import AIOKafkaProducer"),
    "nothing_is_printed": (PLANS + "jobs.py", "print('hello')"),
    "nobody_sleeps_in_a_thread": (PLANS + "jobs.py", "time.sleep(1)"),
    "money_is_never_a_float": ("services/payments/domain.py", "share = cents * 0.85"),
    "no_chance_in_decisions": ("services/ngo_grants/ranking.py", "import random"),
    "no_failure_is_swallowed": ("shared/x.py", "try:\n    f()\nexcept ValueError:\n    pass"),
    "rules_are_pure": (PLANS + "domain.py", "from sqlalchemy import select"),
}
KEEPS = {
    "files_stay_short": ("shared/x.py", "x = 1\n" * FILE_LINES_MAX),
    "functions_fit_on_a_screen": (
        "shared/x.py",
        "def f() -> None:\n" + "    g()\n" * (FUNCTION_LINES_MAX - 1),
    ),
    "public_things_say_what_they_are": ("shared/x.py", '"""X."""\nclass _A:\n    pass\n'),
    "only_the_database_edge_commits": ("shared/bus/worker.py", "await consumer.commit(offsets)"),
    "only_edges_look_at_the_clock": ("shared/clock.py", "now = datetime.now(UTC)"),
    "only_the_bus_speaks_kafka": ("shared/bus/relay.py", "from aiokafka import X"),
    "nothing_is_printed": ("deploy/local/x.py", "print('hello')"),
    "nobody_sleeps_in_a_thread": (PLANS + "jobs.py", "await asyncio.sleep(1)"),
    "money_is_never_a_float": (
        "services/payments/files/domain.py",
        'share = cents * 85 // 100\nplace = FOLDER / "schema.xsd"',
    ),
    "no_chance_in_decisions": ("shared/bus/worker.py", "import random"),
    "no_failure_is_swallowed": ("shared/x.py", "try:\n    f()\nexcept ValueError:\n    g()"),
    "rules_are_pure": (PLANS + "store.py", "from sqlalchemy import select"),
}


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_a_rule_catches_what_breaks_it_and_nothing_else(rule: Rule) -> None:
    assert list(rule(Code.of(*BREAKS[_name(rule)])))
    assert not list(rule(Code.of(*KEEPS[_name(rule)])))


@pytest.mark.parametrize(
    "text", ["rate: float = 1", "x = float(cents)", "x = cents / 2", "x = 0.1"]
)
def test_every_way_to_a_float_is_seen(text: str) -> None:
    (rule,) = (rule for rule in RULES if _name(rule) == "money_is_never_a_float")
    assert list(rule(Code.of("shared/money.py", text)))


def test_a_file_with_a_name_nobody_listed_is_seen() -> None:
    listed = nouns("| file | layer | what |\n|---|---|---|\n| `orders.py` | actions | orders |\n")
    assert listed == {"orders": "actions"}
    stray = Code.of(PLANS + "stray.py", "")
    assert list(names_are_roles_or_listed_nouns(stray, listed))
    assert list(names_are_roles_or_listed_nouns(Code.of(PLANS + "utils.py", ""), {"utils": "app"}))
    assert list(names_are_roles_or_listed_nouns(stray, {"stray": "basement"}))
    assert not list(names_are_roles_or_listed_nouns(Code.of(PLANS + "orders.py", ""), listed))
    assert not list(names_are_roles_or_listed_nouns(Code.of(PLANS + "store.py", ""), listed))


def test_a_noun_may_be_a_folder_with_the_same_names_and_layers_inside() -> None:
    listed = nouns("| `notes/paper.py` | domain | what is written |\n")
    assert listed == {"notes/paper": "domain"}
    for name in ("notes/store.py", "notes/paper.py"):
        assert not list(names_are_roles_or_listed_nouns(Code.of(PLANS + name, ""), listed))
    for name in ("notes/stray.py", "notes/utils.py", "utils/store.py", "notes/more/store.py"):
        assert list(names_are_roles_or_listed_nouns(Code.of(PLANS + name, ""), listed))
    up = Code.of(PLANS + "notes/store.py", "from services.plans.notes.api import router")
    down = Code.of(PLANS + "notes/actions.py", "from services.plans.notes import paper, store")
    impure = Code.of(PLANS + "notes/paper.py", "import os")
    assert list(imports_go_down(up, listed))
    assert not list(imports_go_down(down, listed))
    assert list(listed_rules_are_pure(impure, listed))


@pytest.mark.parametrize(
    ("file", "imported", "allowed"),
    [
        ("domain", "store", False),
        ("store", "domain", True),
        ("orders", "api", False),
        ("orders", "store", True),
        ("orders", "actions", True),
        ("api", "pages", False),
        ("api", "orders", True),
        ("app", "jobs", True),
        ("store", "settings", True),
    ],
)
def test_an_import_up_or_across_is_seen(file: str, imported: str, allowed: bool) -> None:
    code = Code.of(f"{PLANS}{file}.py", f"from services.plans.{imported} import thing")
    assert bool(list(imports_go_down(code, {"orders": "actions"}))) is not allowed


def test_rules_in_a_file_of_their_own_are_seen_to_be_impure() -> None:
    code = Code.of(PLANS + "moves.py", "from shared.db import Database")
    assert list(listed_rules_are_pure(code, {"moves": "domain"}))
    assert not list(listed_rules_are_pure(code, {"moves": "store"}))


FOUR = "\n".join(f"## {heading}" for heading in FOLDER_HEADINGS)
FOUR_OF_SERVICE = "\n".join(f"## {heading}" for heading in SERVICE_HEADINGS)


def _apart(*parts: str) -> str:
    """A text this file itself must not contain."""
    return "".join(parts)


@pytest.mark.parametrize(
    ("rule", "path", "breaks", "keeps"),
    [
        ("headings_are_there", "deploy/README.md", "# Deploy", FOUR),
        ("headings_are_there", PLANS + "README.md", FOUR, FOUR_OF_SERVICE),
        ("a_service_says_what_it_does", PLANS + "__init__.py", "owns", "owns hears says"),
        ("no_place_of_one_machine", "x.md", _apart("see /ro", "ot/x"), "see ~/x"),
        (
            "no_registry_is_named",
            "x.md",
            _apart("from https://py", "pi.org/simple"),
            "the package index",
        ),
        ("nothing_is_left_for_later", "x.py", _apart("# TO", "DO later"), "# done"),
        (
            "every_excuse_has_a_reason",
            "x.py",
            _apart("f()  # no", "qa: S1"),
            _apart("f()  # no", "qa: S1 (we must do so)"),
        ),
        (
            "every_excuse_has_a_reason",
            "x.py",
            _apart("f()  # type: ", "ignore[x]"),
            "f()  # typed by hand",
        ),
    ],
)
def test_a_text_rule_catches_what_breaks_it(rule: str, path: str, breaks: str, keeps: str) -> None:
    (found,) = (one for one in TEXT_RULES if one.__name__ == rule)
    assert list(found(PurePosixPath(path), breaks))
    assert not list(found(PurePosixPath(path), keeps))
