"""No chance and no float anywhere a decision is made: peers broke ties by random codes."""

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "services" / "ngo_grants"
FILES = sorted(path for path in FOLDER.glob("*.py"))
CHANCE = {"random", "secrets", "uuid", "numpy"}


def findings(text: str) -> list[str]:
    """What in a text would bring chance or rounding into a decision."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in CHANCE]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in CHANCE:
            found.append(str(node.module))
        elif isinstance(node, ast.Attribute) and node.attr == "urandom":
            found.append("urandom")
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"float {node.value}")
        elif isinstance(node, ast.Name) and node.id in {"float", "hash", "id"}:
            found.append(node.id)
    return found


@pytest.mark.feature("D21")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_in_this_service_knows_chance_or_floats(path: Path) -> None:
    assert findings(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    ["import random", "from secrets import token_hex", "x = 0.5", "float('1')", "os.urandom(8)"],
)
def test_the_lint_sees_what_it_is_for(text: str) -> None:
    assert findings(text)
