"""`make office-kit`: what an office's programmer needs to begin, made from the catalogue.

AsyncAPI of the office's two topics, OpenAPI of its own doors, schemas and examples of its facts,
requests signed by a practice key, the practice client, a page of instructions.
"""

import json
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.office_signing import key_name, public_key, signed
from services.payments.app import SERVICE
from shared.contracts import asyncapi, examples, offices, schemas
from shared.contracts.catalogue import facts_of
from shared.settings import Environment

HERE = Path(__file__).parent
FOLDER = HERE.parent / "build" / "office-kit"
TOPICS = (offices.ORDERS, offices.REPORTS)
DOORS = re.compile(
    r"^/(bank-files/\{file_id\}|signing-keys"
    r"|offices/\{partner\}/(bank-answers|bank-files|orders|reports|work-list|keys.*))$"
)
PRACTICE_SEED = bytes(32)
"""Of the key that signs the examples; everybody knows it, so it is worth nothing anywhere."""
SIGNED_AT = datetime(2021, 11, 15, 8, tzinfo=UTC)


def documents() -> dict[str, str]:
    """Every file of the kit by its name."""
    found = {
        "asyncapi.json": schemas.text_of(_asyncapi()),
        "openapi.json": schemas.text_of(_openapi()),
        "requests.json": schemas.text_of(_requests()),
    }
    for topic in TOPICS:
        for fact in facts_of(topic):
            found[f"schemas/{fact.type}.json"] = schemas.text_of(schemas.schema_of(fact))
            found[f"examples/{fact.type}.json"] = examples.example_text(fact)
    for name in ("practice_office.py", "office_signing.py"):
        # In the kit the two files lie side by side.
        found[name] = (HERE / name).read_text("utf-8").replace("from deploy.", "from ")
    found["README.md"] = (HERE / "office_kit.md").read_text("utf-8")
    return found


def _asyncapi() -> dict[str, Any]:
    """The two topics of an office, with nothing of the rest."""
    whole = asyncapi.document()
    kept = {topic.name for topic in TOPICS}
    channels = {n: c for n, c in whole["channels"].items() if c["address"] in kept}
    operations = {
        name: operation
        for name, operation in whole.get("operations", {}).items()
        if operation["channel"]["$ref"].rsplit("/", 1)[1] in channels
    }
    document = whole | {"channels": channels, "operations": operations}
    return document | {"components": _needed(document, whole["components"])}


def _openapi() -> dict[str, Any]:
    """The doors of an office, with nothing of the rest."""
    settings = SERVICE.settings(
        environment=Environment.TEST, database_url="postgresql+asyncpg://none"
    )
    whole: dict[str, Any] = SERVICE.web(settings, SERVICE.database(settings)).openapi()
    paths = {path: doors for path, doors in whole["paths"].items() if DOORS.match(path)}
    document = whole | {"paths": paths}
    return document | {"components": _needed(document, whole.get("components", {}))}


def _needed(document: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """The components that a document still refers to, and those they refer to."""
    found: dict[str, Any] = {}
    waiting = [{name: part for name, part in document.items() if name != "components"}]
    while waiting:
        for kind, name in re.findall(r'"#/components/([^/"]+)/([^"]+)"', json.dumps(waiting.pop())):
            if name not in found.setdefault(kind, {}):
                found[kind][name] = components[kind][name]
                waiting.append(components[kind][name])
    return found


def _requests() -> dict[str, Any]:
    """Requests as an office sends them, signed by the practice key."""
    key = Ed25519PrivateKey.from_private_bytes(PRACTICE_SEED)
    office = "/offices/40900012345"
    line: dict[str, Any] = {"report_id": "r-1", "order_id": "017d229c2c00f00b352b1700b3d3e8cb"}
    line |= {"outcome": "settled", "cents": 4000, "booked_on": "2021-11-16"}
    told = json.dumps({"lines": [line]})
    asked = [
        ("GET", f"{office}/bank-files?after=0", ""),
        ("GET", f"{office}/orders?file_id=017d229c2c00f00b352b1700b3d3e8cb", ""),
        ("GET", "/bank-files/017d229c2c00f00b352b1700b3d3e8cb", ""),
        ("POST", f"{office}/reports", told),
    ]
    return {
        "about": "Signed by a key everybody knows, at a time long past: for comparing only.",
        "public_key": public_key(key),
        "key_id": key_name(key),
        "requests": [
            {
                "method": method,
                "path": path,
                "headers": signed(key, method, path, body.encode(), now=SIGNED_AT),
                "body": body,
            }
            for method, path, body in asked
        ],
    }


def main() -> int:
    """Write the kit anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    files = documents()
    for name, text in files.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    sys.stdout.write(f"{FOLDER}: {len(files)} files\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
