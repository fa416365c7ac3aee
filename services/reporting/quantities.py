"""Quantities of published tables, the sums between them and the groups to be guarded. Pure."""

from dataclasses import dataclass, field

HIDDEN_CELL_COST = 100
"""What a reader loses with any cell, in persons; so few large cells are hidden, not many small."""
NEVER = 10**12
"""The cost of hiding what cannot be hidden, because an earlier edition printed it."""
Changes = dict[int, int]
"""A world as it differs from the truth, by quantity."""


def cost_of_hiding(persons: int) -> int:
    """What is lost when a cell about so many persons, or as much money, is hidden."""
    return HIDDEN_CELL_COST + persons


@dataclass(frozen=True)
class Guard:
    """A quantity that must not be known to lie in one of these bands (ends included).

    `targets` are values outside the bands, the nearest first.
    """

    quantity: int
    bands: tuple[tuple[int, int], ...]
    targets: tuple[int, ...]

    def is_safe(self, value: int) -> bool:
        """Whether a value would be no small group."""
        return not any(low <= value <= high for low, high in self.bands)


@dataclass
class System:
    """Quantities, the sums between them, what is printed, and what hiding costs.

    A sum is a list of (quantity, sign) whose signed values keep their total in every world.
    `least` is the smallest value a reader cannot exclude (None: none); a quantity that is never
    printed and stands in one sum only takes up what is left over.
    """

    values: list[int] = field(default_factory=list)
    least: list[int | None] = field(default_factory=list)
    printed: list[bool] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)
    sums: list[list[tuple[int, int]]] = field(default_factory=list)
    sums_of: list[list[tuple[int, int]]] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    slack_of: dict[int, int] = field(default_factory=dict)
    slacks: set[int] = field(default_factory=set)

    def quantity(self, value: int, *, printed: bool, least: int | None, cost: int) -> int:
        """A new quantity; returns its number."""
        self.values.append(value)
        self.least.append(least)
        self.printed.append(printed)
        self.cost.append(cost)
        self.sums_of.append([])
        return len(self.values) - 1

    def add_sum(self, *terms: tuple[int, int]) -> int:
        """Say that the signed total of these quantities is known; returns the sum's number."""
        number = len(self.sums)
        self.sums.append(list(terms))
        for quantity, sign in terms:
            self.sums_of[quantity].append((number, sign))
        return number

    def add_difference(self, more: int, less: int, *, least: int | None) -> int:
        """The difference of two quantities, which nobody prints; returns its number."""
        value = self.values[more] - self.values[less]
        difference = self.quantity(value, printed=False, least=least, cost=0)
        self.add_sum_with_rest((more, 1), (less, -1), rest=difference)
        return difference

    def add_sum_with_rest(self, *terms: tuple[int, int], rest: int) -> None:
        """A sum with a quantity nobody prints, which takes up what is left over."""
        self.slack_of[self.add_sum(*terms, (rest, -1))] = rest
        self.slacks.add(rest)

    def hide(self, quantity: int) -> None:
        """Do not print a quantity; a reader then knows only that it is not zero."""
        self.printed[quantity] = False
        self.least[quantity] = 1
