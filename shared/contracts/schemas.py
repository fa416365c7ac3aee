"""JSON Schemas of the facts: generated from the models, frozen in git, compared on every change."""

import json
from pathlib import Path
from typing import Any

from shared.contracts.base import Fact

FOLDER = Path(__file__).parent / "schemas"
BASE_URI = "urn:pumpurs:schema:"


def file_of(fact: type[Fact]) -> Path:
    """Where the frozen schema of a type lies; the type ends in its version."""
    return FOLDER / f"{fact.type}.json"


def schema_of(fact: type[Fact]) -> dict[str, Any]:
    """The schema of what is written (serialization), with its name and its story."""
    schema = fact.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE_URI}{fact.type}",
        **schema,
    }


def text_of(document: dict[str, Any]) -> str:
    """A document as it lies in git: sorted, indented, one newline at the end."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
