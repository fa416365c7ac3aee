"""Whether a changed schema can be read by yesterday's readers and yesterday's facts by today's.

JSON Schema objects are open, so the writer's side is closed first: what is really emitted has no
other fields than those named. Both directions must hold inside a major version.
"""

import copy
import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # The package's own source has outdated escapes.
    from jsonsubschema import isSubschema

UNWANTED = ("$id", "$schema", "title", "description", "default", "format")


def _without_references(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its definitions put in where they are used; they are never recursive."""
    schema = copy.deepcopy(schema)
    definitions = schema.pop("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, list):
            return [resolved(part) for part in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolved(definitions[node["$ref"].rpartition("/")[2]])
        return _plain({name: resolved(part) for name, part in node.items()})

    found = resolved(schema)
    assert isinstance(found, dict)
    return found


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    """Without what the checker does not know; fixed tuples become arrays of anything of theirs."""
    if "prefixItems" in node:
        node["items"] = {"anyOf": node.pop("prefixItems")}
    if "const" in node:
        node["enum"] = [node.pop("const")]
    return {
        name: part for name, part in node.items() if name not in UNWANTED or isinstance(part, dict)
    }


def _closed(node: Any) -> Any:
    """What is really emitted: objects with named properties have no others."""
    if isinstance(node, list):
        return [_closed(part) for part in node]
    if not isinstance(node, dict):
        return node
    closed = {name: _closed(part) for name, part in node.items()}
    if "properties" in closed and closed.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


def incompatibility(old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """Why the new schema breaks somebody, or None: backward and forward must both hold."""
    old, new = _without_references(old), _without_references(new)
    if old == new:
        return None
    if not isSubschema(_closed(old), new):
        return "what yesterday's writers say cannot be read today"
    if not isSubschema(_closed(new), old):
        return "what today's writers say cannot be read by yesterday's readers"
    return None
