"""Checks the proof that no small group can be worked out, without trusting how it was found. Pure.

For every small group there must be a world that keeps every printed number and every known sum,
in which no hidden number is below what a reader can exclude, and in which the group is not small.
"""

from collections.abc import Iterator, Mapping, Sequence

from services.reporting.quantities import Guard, System


def unproved(system: System, worlds: Sequence[Mapping[int, int]]) -> list[str]:
    """Why groups are not proved safe; empty when all are."""
    if len(worlds) != len(system.guards):
        return [f"{len(system.guards)} groups, {len(worlds)} worlds"]
    found: list[str] = []
    for guard, world in zip(system.guards, worlds, strict=True):
        found.extend(_faults(system, guard, world))
    return found


def _faults(system: System, guard: Guard, world: Mapping[int, int]) -> Iterator[str]:
    """What is wrong with one world."""
    name = f"group {guard.quantity}"
    if not guard.is_safe(system.values[guard.quantity] + world.get(guard.quantity, 0)):
        yield f"{name}: still small in its world"
    for quantity, change in world.items():
        least = system.least[quantity]
        if change and system.printed[quantity]:
            yield f"{name}: its world changes the printed quantity {quantity}"
        elif change and least is not None and system.values[quantity] + change < least:
            yield f"{name}: its world takes {quantity} below {least}"
    touched = {number for quantity in world for number, _ in system.sums_of[quantity]}
    for number in sorted(touched):
        moved = sum(sign * world.get(quantity, 0) for quantity, sign in system.sums[number])
        if moved:
            yield f"{name}: its world breaks the sum {number}"
