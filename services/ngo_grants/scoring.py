"""Marks and what follows from them: exact means, never rounded before they are shown.

A mark is kept as an integer number of half points (4.5 points is 9). A score of a criterion is the
mean of the marks of all evaluators who count, a `Fraction` of points; the total adds the criteria
by weight. Source: the published rules of the calls (50 points at most, half points occur); the
mean over evaluators is our reading, see README.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.errors import Invalid

HALVES = 2
_POINTS = re.compile(r"^(\d{1,2})(?:\.(0|5))?$")
_HUNDREDTHS = 100


class BadMark(Invalid):
    """A mark is a number of points in steps of one half, for example 4.5."""

    code = "bad-mark"


class MarkOutOfRange(Invalid):
    """A mark lies between 0 and the most this criterion gives."""

    code = "mark-out-of-range"


class Criterion(BaseModel):
    """One leaf of the tree of quality criteria; labels are ours, the official ones are unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^\d+(\.\d+)*$", max_length=20)
    label_lv: str = Field(min_length=1, max_length=200)
    label_en: str = Field(min_length=1, max_length=200)
    weight: int = Field(default=1, ge=1, le=10)
    half_points_max: int = Field(default=10, ge=1, le=100)
    half_points_min: int | None = Field(default=None, ge=0)


class CriteriaSet(BaseModel):
    """The criteria a call was announced with: leaves, minima, and the order that breaks ties."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1, max_length=40)
    leaves: tuple[Criterion, ...] = Field(min_length=1, max_length=60)
    points_max: int = Field(ge=1)
    points_total_min: int = Field(ge=0)
    tie_order: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> "CriteriaSet":
        """Codes are unique, ties are broken by known criteria, the maxima add up."""
        codes = [leaf.code for leaf in self.leaves]
        if len(set(codes)) != len(codes):
            raise ValueError("a criterion stands twice in the set")
        if not set(self.tie_order) <= set(codes):
            raise ValueError("the tie order names a criterion that is not in the set")
        most = sum(leaf.half_points_max * leaf.weight for leaf in self.leaves)
        if most != self.points_max * HALVES:
            raise ValueError(f"the criteria add up to {most} half points, not {self.points_max}")
        return self

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the leaves, in order."""
        return tuple(leaf.code for leaf in self.leaves)

    @property
    def total_min(self) -> Fraction:
        """The least total that passes."""
        return Fraction(self.points_total_min)

    @property
    def minima(self) -> Mapping[str, Fraction]:
        """The least points of each mandatory criterion."""
        return {
            leaf.code: Fraction(leaf.half_points_min, HALVES)
            for leaf in self.leaves
            if leaf.half_points_min is not None
        }


@dataclass(frozen=True, slots=True)
class Sheet:
    """All marks one evaluator gave one application, in half points, in the order of the leaves."""

    application_id: str
    evaluator: str
    half_points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What the evaluators who count gave an application: points, and how many they were."""

    total: Fraction
    criteria: tuple[Fraction, ...]
    evaluators: int
    total_spread_halves: int
    criteria_spread_halves: tuple[int, ...]


def half_points_of(points: str) -> int:
    """Read points such as "4.5" or "4" into half points; anything else is `bad-mark`."""
    found = _POINTS.match(points)
    if found is None:
        raise BadMark(field="points", points=points[:20])
    return int(found[1]) * HALVES + (found[2] == "5")


def checked_mark(half_points: int, criterion: Criterion) -> int:
    """The mark itself; raises MarkOutOfRange."""
    if not 0 <= half_points <= criterion.half_points_max:
        most = shown(Fraction(criterion.half_points_max, HALVES))
        raise MarkOutOfRange(field="half_points", criterion=criterion.code, points_max=most)
    return half_points


def scores(sheets: Iterable[Sheet], criteria: CriteriaSet) -> dict[str, Score]:
    """The score of every application that has a sheet; sheets must be whole and not void."""
    weights = [leaf.weight for leaf in criteria.leaves]
    found: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for sheet in sheets:
        if len(sheet.half_points) != len(weights):
            raise ValueError(f"a sheet of {sheet.application_id} is not whole")
        found[sheet.application_id].append(sheet.half_points)
    return {application_id: _score(marks, weights) for application_id, marks in found.items()}


def _score(marks: Sequence[tuple[int, ...]], weights: Sequence[int]) -> Score:
    """The exact means and spreads of some evaluators' marks."""
    halves = HALVES * len(marks)
    columns = list(zip(*marks, strict=True))
    sums = [sum(column) for column in columns]
    totals = [weighted(sheet, weights) for sheet in marks]
    return Score(
        total=Fraction(weighted(sums, weights), halves),
        criteria=tuple(Fraction(one, halves) for one in sums),
        evaluators=len(marks),
        total_spread_halves=max(totals) - min(totals),
        criteria_spread_halves=tuple(max(column) - min(column) for column in columns),
    )


def weighted(half_points: Sequence[int], weights: Sequence[int]) -> int:
    """The weighted sum of half points."""
    return sum(map(mul, half_points, weights))


def shown(points: Fraction) -> str:
    """Points with two decimals, half up, for people; the exact value is never made of this."""
    above, below = abs(points.numerator), points.denominator
    hundredths = (2 * _HUNDREDTHS * above + below) // (2 * below)
    whole, rest = divmod(hundredths, _HUNDREDTHS)
    return f"{'-' if points.numerator < 0 and hundredths else ''}{whole}.{rest:02d}"


def exact(points: Fraction) -> str:
    """Points as a fraction of integers: "89/2", or "44" where they are whole."""
    return str(points)
