"""`python -m shared.contracts`: write what follows from the catalogue; `--check` only compares.

A frozen schema or sample of a type is never changed, only added to in compatible ways: the
contract tests compare what is written here with what git had before.
"""

import sys
from pathlib import Path

from shared.contracts import asyncapi, examples, schemas
from shared.contracts.catalogue import FACTS


def documents() -> dict[Path, str]:
    """Every generated file with its text."""
    files = {asyncapi.FILE: schemas.text_of(asyncapi.document())}
    for fact in FACTS.values():
        files[schemas.file_of(fact)] = schemas.text_of(schemas.schema_of(fact))
        files[examples.file_of(fact)] = examples.example_text(fact)
    return files


def stale() -> list[str]:
    """Names of files that are missing, differ, or belong to no type any more."""
    wanted = documents()
    found = [p.name for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
    lying = [*schemas.FOLDER.glob("*.json"), *examples.FOLDER.glob("*.json")]
    return sorted(found + [path.name for path in lying if path not in wanted])


def main() -> int:
    """Write or check; the exit code says whether all agree."""
    if "--check" in sys.argv:
        names = stale()
        sys.stdout.write("".join(f"stale: {name}\n" for name in names))
        return 1 if names else 0
    for path, text in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
