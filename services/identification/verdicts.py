"""Judging a bulk command line by line: a refusal of one line is no refusal of the others."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from shared.bulk import LineAnswer, refused
from shared.errors import Refused

E = TypeVar("E")
R = TypeVar("R")


class SameEntryTwice(Refused):
    """The same thing stands in this command twice."""

    code = "same-entry-twice"


def judged(
    lines: Sequence[tuple[int, E]], judge: Callable[[E], R]
) -> tuple[list[tuple[int, R]], list[LineAnswer]]:
    """What `judge` makes of each line, and the answers of lines it refused."""
    good: list[tuple[int, R]] = []
    bad: list[LineAnswer] = []
    for number, entry in lines:
        try:
            good.append((number, judge(entry)))
        except Refused as why:
            bad.append(refused(number, why))
    return good, bad


def once(
    lines: Sequence[tuple[int, E]], key: Callable[[E], Hashable]
) -> tuple[list[tuple[int, E]], list[LineAnswer]]:
    """Lines whose key was not there before, and the answers of the others."""
    seen: set[Hashable] = set()
    first: list[tuple[int, E]] = []
    again: list[LineAnswer] = []
    for number, entry in lines:
        if key(entry) in seen:
            again.append(refused(number, SameEntryTwice()))
        else:
            seen.add(key(entry))
            first.append((number, entry))
    return first, again
