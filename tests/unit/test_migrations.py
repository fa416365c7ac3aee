"""Migrations of each service follow one another; two heads stop every start of the service."""

import ast
from pathlib import Path

import pytest

SERVICES = Path(__file__).resolve().parents[2] / "services"
FOLDERS = sorted(SERVICES.glob("*/migrations/versions"))


def _named(path: Path) -> dict[str, str | None]:
    """The plain values a migration's file gives to its names."""
    return {
        target.id: node.value.value
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str | None)
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parents[1].name)
def test_each_migration_follows_the_one_before(folder: Path) -> None:
    before = None
    for path in sorted(folder.glob("[0-9]*.py")):
        named = _named(path)
        assert named["revision"] == path.name[:4], f"{path.name}: number it like its file"
        assert named["down_revision"] == before, f"{path.name}: it has to follow {before}"
        before = named["revision"]
