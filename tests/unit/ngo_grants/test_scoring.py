"""Marks are exact: half points in, fractions through, decimals only for the eye."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.ngo_grants.scoring import (
    BadMark,
    CriteriaSet,
    MarkOutOfRange,
    Sheet,
    checked_mark,
    half_points_of,
    scores,
    shown,
)
from tests.builders_scores import CRITERIA, a_sheet, the_rules


@pytest.mark.parametrize(
    ("points", "half_points"), [("0", 0), ("0.5", 1), ("3", 6), ("4.0", 8), ("4.5", 9), ("5", 10)]
)
def test_points_are_read_as_half_points(points: str, half_points: int) -> None:
    assert half_points_of(points) == half_points


@pytest.mark.parametrize("points", ["4.25", "4,5", "-1", "", "4.", ".5", "five", "4.50", "1e1"])
def test_what_is_no_half_point_is_refused(points: str) -> None:
    with pytest.raises(BadMark):
        half_points_of(points)


def test_a_mark_stays_within_its_criterion() -> None:
    assert checked_mark(10, CRITERIA.leaves[0]) == 10
    for half_points in (-1, 11):
        with pytest.raises(MarkOutOfRange):
            checked_mark(half_points, CRITERIA.leaves[0])


def test_the_score_is_the_exact_mean_of_three_evaluators() -> None:
    sheets = [a_sheet("a", "x", 9), a_sheet("a", "y", 9), a_sheet("a", "z", 8)]
    score = scores(sheets, CRITERIA)["a"]
    assert score.criteria[0] == Fraction(13, 3)
    assert score.total == Fraction(130, 3)
    assert shown(score.total) == "43.33"
    assert score.evaluators == 3
    assert score.total_spread_halves == 10


def test_a_third_below_the_minimum_is_not_rounded_up_to_it() -> None:
    marks = [6, 6, 5]
    sheets = [a_sheet("a", str(n), {"2.2": m}) for n, m in enumerate(marks)]
    reached = scores(sheets, CRITERIA)["a"].criteria[CRITERIA.codes.index("2.2")]
    assert reached == Fraction(17, 6)
    assert shown(Fraction(2999, 1000)) == "3.00"
    assert Fraction(2999, 1000) < CRITERIA.minima["2.2"]


@given(st.lists(st.lists(st.integers(0, 10), min_size=10, max_size=10), min_size=1, max_size=9))
def test_the_total_is_the_sum_of_the_criteria(marks: list[list[int]]) -> None:
    sheets = [Sheet("a", str(n), tuple(sheet)) for n, sheet in enumerate(marks)]
    score = scores(sheets, CRITERIA)["a"]
    assert score.total == sum(score.criteria, Fraction())
    assert 0 <= score.total <= 50


def test_weights_count() -> None:
    leaves = [{"code": "2.1", "weight": 3}, {"code": "2.2", "weight": 7}]
    heavy = the_rules(
        criteria_set={"version": "w", "leaves": leaves}, mandatory_criteria=[], tie_order=[]
    ).criteria
    score = scores([Sheet("a", "x", (10, 5))], heavy)["a"]
    assert score.total == Fraction(3 * 10 + 7 * 5, 2)


def test_a_sheet_that_is_not_whole_is_a_fault() -> None:
    with pytest.raises(ValueError, match="not whole"):
        scores([Sheet("a", "x", (10,))], CRITERIA)


@pytest.mark.parametrize(
    "change",
    [
        {"points_max": 49},
        {"tie_order": ("9.9",)},
        {"leaves": (CRITERIA.leaves[0], CRITERIA.leaves[0])},
    ],
)
def test_a_set_that_does_not_hang_together_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CriteriaSet(**{**CRITERIA.model_dump(), **change})


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (Fraction(89, 2), "44.50"),
        (Fraction(1, 3), "0.33"),
        (Fraction(2, 3), "0.67"),
        (Fraction(1, 200), "0.01"),
        (Fraction(-1, 3), "-0.33"),
        (Fraction(-1, 1000), "0.00"),
        (Fraction(50), "50.00"),
    ],
)
def test_points_are_shown_half_up(points: Fraction, text: str) -> None:
    assert shown(points) == text
