"""The rules of the house on any text that is kept: READMEs, recipes, code."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

FOLDER_HEADINGS = ("What it is for", "How to use it", "Limits", "Decisions")
SERVICE_HEADINGS = ("Owns", "Hears", "Says", "Decisions")

MACHINE = re.compile(r"(?<![\w.~}])/(?:work|root|home/[a-z]+)/")
REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|crates|golang)\.(?:org|io|com)\b"
    r"|\b(?:registry|repo1?|proxy|deb|index)\.[a-z0-9-]+\.[a-z]{2,}\b(?!\s*=)"
    r"|--(?:extra-)?index-url\s+http",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X])\b")
EXCUSE = re.compile(r"#\s*(?:type:\s*ignore(?:\[[^\]]*\])?|noqa(?::[\sA-Z0-9,]+)?)(?P<why>.*)$")


def headings_are_there(path: PurePosixPath, text: str) -> Iterator[str]:
    """A reader who knows one folder's README finds the same four answers in every other."""
    if path.name != "README.md" or len(path.parts) == 1:
        return
    is_service = path.parts[0] == "services" and len(path.parts) == 3
    found = {line.lstrip("#").strip().lower() for line in text.splitlines() if line[:1] == "#"}
    for heading in SERVICE_HEADINGS if is_service else FOLDER_HEADINGS:
        if heading.lower() not in found:
            yield f"{path}: the heading '{heading}' is missing"


def a_service_says_what_it_does(path: PurePosixPath, text: str) -> Iterator[str]:
    """Three lines at the door spare reading the house: what it owns, hears and says."""
    if path.parts[0] == "services" and len(path.parts) == 3 and path.name == "__init__.py":
        for word in ("owns", "hears", "says"):
            if word not in text.lower():
                yield f"{path}: does not tell what the service {word}"


def no_place_of_one_machine(path: PurePosixPath, text: str) -> Iterator[str]:
    """A path of somebody's machine works for nobody else, and tells where it was written."""
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE.search(line):
            yield f"{path}:{number}: a path of one machine"


def no_registry_is_named(path: PurePosixPath, text: str) -> Iterator[str]:
    """Where packages come from is the business of who installs them, not of the project."""
    for number, line in enumerate(text.splitlines(), 1):
        if REGISTRY.search(line):
            yield f"{path}:{number}: names a package registry"


def nothing_is_left_for_later(path: PurePosixPath, text: str) -> Iterator[str]:
    """A note to oneself is an issue nobody reads; file it, or do it."""
    for number, line in enumerate(text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield f"{path}:{number}: unfinished"


def every_excuse_has_a_reason(path: PurePosixPath, text: str) -> Iterator[str]:
    """A check that was switched off without a word is never switched on again."""
    if path.suffix == ".py":
        for number, line in enumerate(text.splitlines(), 1):
            found = EXCUSE.search(line)
            if found and len(found["why"].strip(" #()")) < len("it is so"):
                yield f"{path}:{number}: switches a check off without saying why"


TEXT_RULES = (
    headings_are_there,
    a_service_says_what_it_does,
    no_place_of_one_machine,
    no_registry_is_named,
    nothing_is_left_for_later,
    every_excuse_has_a_reason,
)
