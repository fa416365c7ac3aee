"""Which cells of a table must be hidden so that no small group can be worked out. Pure.

A reader knows every printed number, every sum that holds between numbers, that a hidden number is
not zero, and all editions before. A small group is safe when a *world* exists that agrees with
all of that and in which the group is not small: then nobody can tell. For every small group we
search such a world, hiding the cheapest further cells that make one possible, and keep it as the
proof (`suppression_proof.py` checks it). Hiding more later never breaks a proof.
"""

from dataclasses import dataclass

from services.reporting.quantities import NEVER, Changes, System
from services.reporting.suppression_search import exchange_for, world_for

TRIES_MAX = 20_000
EXACT_TRIES_MAX = 30
"""How many searches may be spent on printing cells again; the dearest cells come first."""


class CannotProtect(Exception):
    """No way was found to hide a small group; nothing may be published."""


@dataclass
class Protection:
    """What came of protecting a system: a world for every guard, and what was hidden for it."""

    worlds: list[Changes]
    hidden: list[int]


def protect(system: System) -> Protection:
    """Hide what must be hidden; returns the proof. Raises CannotProtect."""
    hidden = _hide_small(system)
    worlds: list[Changes | None] = [None] * len(system.guards)
    guards_of: dict[int, list[int]] = {}
    for number, guard in enumerate(system.guards):
        guards_of.setdefault(guard.quantity, []).append(number)
    for free in (True, False):
        for number, guard in enumerate(system.guards):
            if worlds[number] is not None:
                continue
            found = world_for(system, guard, free=True)
            if found is None and not free:
                found = world_for(system, guard, free=False)
                if found is None:
                    raise CannotProtect
                _hide_changed(system, found, hidden)
            if found is not None:
                worlds[number] = found
                _share(system, found, guards_of, worlds)
    proof = [world if world is not None else {} for world in worlds]
    return Protection(proof, _trimmed(system, proof, hidden))


def _trimmed(system: System, worlds: list[Changes], hidden: list[int]) -> list[int]:
    """Print again what other hidden cells protect as well, the dearest first; what stays hidden."""
    trimming = _Trimming(system, worlds)
    needed = {g.quantity for g in system.guards if not g.is_safe(system.values[g.quantity])}
    return [
        quantity
        for quantity in sorted(hidden, key=lambda q: -system.cost[q])
        if quantity in needed or not trimming.is_printable(quantity)
    ]


class _Trimming:
    """Hidden cells tried one after another; exact searches are dear, so there are only some."""

    def __init__(self, system: System, worlds: list[Changes]) -> None:
        self._system = system
        self._worlds = worlds
        self._left = TRIES_MAX
        self._exact_left = EXACT_TRIES_MAX
        self._users: dict[int, set[int]] = {}
        for number, world in enumerate(worlds):
            for quantity in world:
                self._users.setdefault(quantity, set()).add(number)

    def is_printable(self, quantity: int) -> bool:
        """Print a hidden cell if every world that changed it has another in its place."""
        system = self._system
        before = system.least[quantity]
        system.printed[quantity], system.least[quantity] = True, 0
        changed: dict[int, Changes] = {}
        for number in sorted(self._users.get(quantity, ())):
            known = (w for w in changed.values() if _proves(system, number, w))
            world = next(known, None) or self._another(number)
            if world is None:
                system.printed[quantity], system.least[quantity] = False, before
                return False
            changed[number] = world
        for number, world in changed.items():
            for other in self._worlds[number]:
                self._users[other].discard(number)
            self._worlds[number] = world
            for other in world:
                self._users.setdefault(other, set()).add(number)
        return True

    def _another(self, number: int) -> Changes | None:
        """A world for a guard from what is hidden now."""
        if self._left <= 0:
            return None
        self._left -= 1
        guard = self._system.guards[number]
        found = world_for(self._system, guard, free=True)
        if found is None and self._exact_left > 0:
            self._exact_left -= 1
            found = exchange_for(self._system, guard, hiding=False)
        return found


def _proves(system: System, number: int, world: Changes) -> bool:
    guard = system.guards[number]
    return guard.is_safe(system.values[guard.quantity] + world.get(guard.quantity, 0))


def _hide_changed(system: System, world: Changes, hidden: list[int]) -> None:
    """Hide what differs in a world, for it is only possible when nobody knows these."""
    for quantity in world:
        if system.printed[quantity]:
            system.hide(quantity)
            hidden.append(quantity)


def _share(
    system: System,
    world: Changes,
    guards_of: dict[int, list[int]],
    worlds: list[Changes | None],
) -> None:
    """One world may prove several guards."""
    for quantity, change in world.items():
        for number in guards_of.get(quantity, ()):
            if worlds[number] is None and system.guards[number].is_safe(
                system.values[quantity] + change
            ):
                worlds[number] = world


def _hide_small(system: System) -> list[int]:
    """Hide every printed quantity that is a small group itself."""
    hidden = []
    for guard in system.guards:
        if system.printed[guard.quantity] and not guard.is_safe(system.values[guard.quantity]):
            if system.cost[guard.quantity] >= NEVER:
                raise CannotProtect
            system.hide(guard.quantity)
            hidden.append(guard.quantity)
    return hidden
