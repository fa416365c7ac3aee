"""Names and layers inside a service: every file is a role or a noun whose layer the README names.

A row of a table in the service's README, `| consultations.py | actions | ... |`, gives the layer.
A noun that brought rules, rows, verbs and doors of its own may be a folder with the same role
names inside; a file of it that is no role has a row too, `| vouchers/expiry.py | domain | ... |`.
"""

import re
from collections.abc import Iterator, Mapping

from tests.house_rules import PATTERN_NAMES, ROLES, Code, impure_imports

DOORS = ("api", "pages", "offices", "consumers", "jobs")
HEIGHT = {"domain": 0, "store": 1, "actions": 2, **dict.fromkeys(DOORS, 3), "app": 4}
BESIDE = {"settings": "domain", "__init__": "domain", "__main__": "app"}
"""Files outside the ladder, and the rung they stand on: settings may be read by everybody."""
FOLDERS_BESIDE = frozenset({"migrations", "templates"})
"""Folders of a service that are no nouns."""
ROW = re.compile(r"^\|\s*`?([a-z_0-9]+(?:/[a-z_0-9]+)?)\.py`?\s*\|\s*([a-z]+)\s*\|", re.MULTILINE)


def nouns(readme: str) -> dict[str, str]:
    """The files a service's README lists, with their layers."""
    return dict(ROW.findall(readme))


def names_are_roles_or_listed_nouns(code: Code, listed: Mapping[str, str]) -> Iterator[str]:
    """Knowing one service is knowing all, as long as no file hides behind a pattern's name."""
    name = name_inside(code)
    if name is None:
        return
    if name.count("/") > 1:
        yield f"{code.path}: a folder inside a noun's folder; one step down is enough"
    elif PATTERN_NAMES & set(name.split("/")):
        yield f"{code.path}: named after a pattern; name it after its noun"
    elif code.path.stem in ROLES:
        return
    elif name not in listed:
        yield f"{code.path}: add `| {name}.py | <layer> | what it is |` to the service's README"
    elif listed[name] not in HEIGHT:
        yield f"{code.path}: {listed[name]} is no layer; one of {', '.join(HEIGHT)}"


def imports_go_down(code: Code, listed: Mapping[str, str]) -> Iterator[str]:
    """One direction, app to domain, or a change of a page breaks a rule."""
    own = layer(name_inside(code), listed)
    if code.service is None or own is None:
        return
    for line, name in code.imports():
        below = _imported(name, code.service, listed)
        other = layer(below, listed)
        if other is None:
            continue
        if HEIGHT[other] > HEIGHT[own] or (HEIGHT[other] == HEIGHT[own] and other != own):
            yield f"{code.path}:{line}: {own} imports {below} ({other})"


def listed_rules_are_pure(code: Code, listed: Mapping[str, str]) -> Iterator[str]:
    """Rules that moved to a file of their own stay as pure as those they left."""
    if listed.get(name_inside(code) or "") == "domain":
        yield from impure_imports(code)


def name_inside(code: Code) -> str | None:
    """What a file is called inside its service: `store`, `vouchers/store`; None elsewhere."""
    inside = code.path.with_suffix("").parts[2:]
    if code.service is None or inside[0] in FOLDERS_BESIDE:
        return None
    return "/".join(inside)


def layer(name: str | None, listed: Mapping[str, str]) -> str | None:
    """The rung a file stands on; None where nobody said."""
    if name is None:
        return None
    role = name.rsplit("/", 1)[-1]
    found = listed.get(name) or BESIDE.get(role) or role
    return found if found in HEIGHT else None


def _imported(name: str, service: str, listed: Mapping[str, str]) -> str | None:
    """The file an import names: `services.plans.store.rows` gives `store`."""
    parts = name.split(".")
    if parts[:2] != ["services", service] or len(parts) < 3:
        return None
    if layer(parts[2], listed) is None and len(parts) > 3:
        return f"{parts[2]}/{parts[3]}"
    return parts[2]
