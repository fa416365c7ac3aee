"""The ranking is total, explained, and the same whatever the order of what comes in."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ngo_grants.ranking import (
    Candidate,
    Outcome,
    ReasonCode,
    corrected,
    disagreements,
    rank,
)
from services.ngo_grants.scoring import Sheet, scores
from tests.builders_scores import CRITERIA, a_sheet, candidates

EVALUATORS = ("x", "y", "z")


def three(application_id: str, marks: dict[str, int] | int) -> list[Sheet]:
    """Three evaluators who agree."""
    return [a_sheet(application_id, evaluator, marks) for evaluator in EVALUATORS]


def test_best_first_up_to_the_quota_then_the_reserve() -> None:
    sheets = [*three("a", 7), *three("b", 9), *three("c", 8)]
    ranking = rank(candidates(sheets), CRITERIA, quota=1)
    assert [(p.application_id, p.place, p.outcome) for p in ranking.places] == [
        ("b", 1, Outcome.APPROVED),
        ("c", 2, Outcome.RESERVE),
        ("a", 3, Outcome.RESERVE),
    ]
    assert (ranking.above_quota_line, ranking.above_threshold_line) == (1, 3)


def test_a_high_total_does_not_save_a_mandatory_criterion() -> None:
    ranking = rank(candidates(three("a", {"2.2": 5})), CRITERIA, quota=5)
    (place,) = ranking.places
    assert place.outcome is Outcome.REJECTED
    assert [(r.code, r.criterion) for r in place.reasons] == [
        (ReasonCode.CRITERION_BELOW_MINIMUM, "2.2")
    ]


def test_every_shortfall_is_named() -> None:
    ranking = rank(candidates(three("a", 3)), CRITERIA, quota=1)
    reasons = [(r.code, r.criterion) for r in ranking.places[0].reasons]
    assert reasons == [
        (ReasonCode.TOTAL_BELOW_MINIMUM, None),
        (ReasonCode.CRITERION_BELOW_MINIMUM, "2.2"),
        (ReasonCode.CRITERION_BELOW_MINIMUM, "2.4.1"),
        (ReasonCode.CRITERION_BELOW_MINIMUM, "2.4.3"),
    ]


def test_thirty_points_are_enough() -> None:
    assert rank(candidates(three("a", 6)), CRITERIA, quota=1).places[0].outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    ("upper", "lower", "hours", "decided_by"),
    [
        ({"2.1": 8, "2.2": 9}, {"2.1": 9, "2.2": 8}, {}, "2.2"),
        ({"2.1": 8, "2.4.1": 9}, {"2.1": 9, "2.4.1": 8}, {}, "2.4.1"),
        ({"2.1": 8, "2.4.3": 9}, {"2.1": 9, "2.4.3": 8}, {}, "2.4.3"),
        ({"2.1": 8, "2.3": 9}, {"2.1": 9, "2.3": 8}, {"a": 1}, "filed_at"),
        ({"2.1": 8}, {"2.1": 8}, {}, "application_id"),
        ({"2.1": 9}, {"2.1": 8}, {}, "total"),
    ],
)
def test_ties_are_broken_in_order_and_explained(
    upper: dict[str, int], lower: dict[str, int], hours: dict[str, int], decided_by: str
) -> None:
    first, second = ("b", "a") if decided_by != "application_id" else ("a", "b")
    sheets = [*three(first, upper), *three(second, lower)]
    top, below = rank(candidates(sheets, hours=hours), CRITERIA, quota=1).places
    assert (top.application_id, below.application_id) == (first, second)
    assert (below.below, below.decided_by) == (first, decided_by)
    assert top.decided_by is None


def test_what_nobody_scored_has_no_place_and_no_points() -> None:
    ranking = rank(candidates(three("a", 8), filed=["b"]), CRITERIA, quota=5)
    assert [(p.application_id, p.outcome) for p in ranking.places] == [
        ("a", Outcome.APPROVED),
        ("b", Outcome.NOT_SCORED),
    ]


marks_of_one = st.lists(st.integers(4, 10), min_size=10, max_size=10).map(tuple)


@given(
    st.lists(st.lists(marks_of_one, min_size=1, max_size=3), min_size=1, max_size=8),
    st.integers(0, 5),
    st.randoms(use_true_random=False),
)
def test_any_order_of_input_gives_the_same_ranking(
    marks: list[list[tuple[int, ...]]], quota: int, shuffle: object
) -> None:
    sheets = [
        Sheet(f"a{n}", EVALUATORS[e], sheet)
        for n, given_marks in enumerate(marks)
        for e, sheet in enumerate(given_marks)
    ]
    once = rank(candidates(sheets), CRITERIA, quota=quota)
    mixed = list(sheets)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a Random
    others: list[Candidate] = candidates(mixed)
    shuffle.shuffle(others)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert rank(others, CRITERIA, quota=quota) == once
    assert corrected(others, mixed, CRITERIA, quota=quota) == corrected(
        candidates(sheets), sheets, CRITERIA, quota=quota
    )
    passing = [p for p in once.places if p.place is not None]
    assert [p.place for p in passing] == list(range(1, len(passing) + 1))
    assert once.above_quota_line == min(quota, len(passing))
    assert all(p.decided_by for p in passing[1:])


def test_a_harsh_evaluator_is_evened_out_beside_the_ranking() -> None:
    sheets = [
        a_sheet("a", "mild", 8),
        a_sheet("a", "other", 8),
        a_sheet("b", "harsh", 6),
        a_sheet("b", "other", 9),
        a_sheet("c", "harsh", 6),
        a_sheet("c", "mild", 8),
    ]
    found = candidates(sheets)
    correction = corrected(found, sheets, CRITERIA, quota=1)
    assert rank(found, CRITERIA, quota=1).approved == {"a"}
    assert correction.leniency["harsh"] == Fraction(-25, 4)
    assert correction.ranking.approved == {"b"}


def test_who_passes_is_decided_by_the_legal_scores_only() -> None:
    sheets = [a_sheet("a", "harsh", 5), a_sheet("b", "harsh", 5), a_sheet("b", "mild", 9)]
    correction = corrected(candidates(sheets), sheets, CRITERIA, quota=2)
    assert "a" not in correction.ranking.approved


def test_evaluators_far_apart_are_flagged() -> None:
    far = dict.fromkeys(CRITERIA.codes, 9) | {"2.3": 5}
    sheets = [a_sheet("a", "x", 9), a_sheet("a", "y", far)]
    score = scores(sheets, CRITERIA)["a"]
    assert disagreements(score, CRITERIA, total_max_halves=20, criterion_max_halves=4) == ["2.3"]
    assert disagreements(score, CRITERIA, total_max_halves=4, criterion_max_halves=5) == ["total"]
