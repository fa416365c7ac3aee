"""`make contracts`: freeze what the catalogue says; a breaking change of a frozen type is refused.

A breaking change needs a new type version (`...v2`), told beside the old one for a while.
"""

import json
import sys

from shared.contracts import schemas
from shared.contracts.__main__ import documents
from shared.contracts.catalogue import FACTS
from tests.contracts.compatibility import incompatibility


def breaking_changes() -> dict[str, str]:
    """Types whose frozen schema and model do not understand each other, and why."""
    found = {}
    for name, fact in FACTS.items():
        file = schemas.file_of(fact)
        if file.exists():
            why = incompatibility(json.loads(file.read_text("utf-8")), schemas.schema_of(fact))
            if why:
                found[name] = why
    return found


def main() -> int:
    """Refuse what breaks, write the rest."""
    broken = {} if "--first" in sys.argv else breaking_changes()
    for name, why in broken.items():
        sys.stdout.write(f"{name}: {why}; give it a new version\n")
    if broken:
        return 1
    for path, text in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    sys.stdout.write(f"{len(FACTS)} facts frozen\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
