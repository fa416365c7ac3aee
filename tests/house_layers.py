"""Names and layers inside a service: every file is a role or a noun whose layer the README names.

A row of a table in the service's README, `| consultations.py | actions | ... |`, gives the layer.
"""

import re
from collections.abc import Iterator, Mapping

from tests.house_rules import PATTERN_NAMES, ROLES, Code, impure_imports

DOORS = ("api", "pages", "offices", "consumers", "jobs")
HEIGHT = {"domain": 0, "store": 1, "actions": 2, **dict.fromkeys(DOORS, 3), "app": 4}
BESIDE = {"settings": "domain", "__init__": "domain", "__main__": "app"}
"""Files outside the ladder, and the rung they stand on: settings may be read by everybody."""
ROW = re.compile(r"^\|\s*`?([a-z_0-9]+)\.py`?\s*\|\s*([a-z]+)\s*\|", re.MULTILINE)


def nouns(readme: str) -> dict[str, str]:
    """The files a service's README lists, with their layers."""
    return dict(ROW.findall(readme))


def names_are_roles_or_listed_nouns(code: Code, listed: Mapping[str, str]) -> Iterator[str]:
    """Knowing one service is knowing all, as long as no file hides behind a pattern's name."""
    name = code.path.stem
    if code.service is None or len(code.path.parts) != 3 or name in ROLES:
        return
    if name in PATTERN_NAMES:
        yield f"{code.path}: named after a pattern; name it after its noun"
    elif name not in listed:
        yield f"{code.path}: add `| {name}.py | <layer> | what it is |` to the service's README"
    elif listed[name] not in HEIGHT:
        yield f"{code.path}: {listed[name]} is no layer; one of {', '.join(HEIGHT)}"


def imports_go_down(code: Code, listed: Mapping[str, str]) -> Iterator[str]:
    """One direction, app to domain, or a change of a page breaks a rule."""
    own = layer(code.path.stem, listed)
    if code.service is None or own is None:
        return
    for line, name in code.imports():
        below = _imported(name, code.service)
        other = layer(below, listed) if below else None
        if other is None:
            continue
        if HEIGHT[other] > HEIGHT[own] or (HEIGHT[other] == HEIGHT[own] and other != own):
            yield f"{code.path}:{line}: {own} imports {below} ({other})"


def listed_rules_are_pure(code: Code, listed: Mapping[str, str]) -> Iterator[str]:
    """Rules that moved to a file of their own stay as pure as those they left."""
    if code.service is not None and listed.get(code.path.stem) == "domain":
        yield from impure_imports(code)


def layer(name: str, listed: Mapping[str, str]) -> str | None:
    """The rung a file stands on; None where nobody said."""
    found = listed.get(name) or BESIDE.get(name) or name
    return found if found in HEIGHT else None


def _imported(name: str, service: str) -> str | None:
    """The sibling file an import names: `services.plans.store.rows` gives `store`."""
    parts = name.split(".")
    return parts[2] if parts[:2] == ["services", service] and len(parts) > 2 else None
