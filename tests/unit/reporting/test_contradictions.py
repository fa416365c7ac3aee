"""What several declared values mean, by rule, and what they hold back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from deploy.demo.facts import figures
from services.reporting.contradictions_rules import (
    Blocks,
    Claim,
    Decision,
    Rule,
    Status,
    Subject,
    holds_back,
    last_day_of,
    status_of,
)

NOON = datetime(2018, 9, 1, 12, tzinfo=UTC)
PUPILS = Subject(
    "pupils_involved",
    "school",
    "dbt",
    "2017-2",
    "",
    Rule.BLOCK_UNTIL_DECIDED,
    Blocks.BLOCK,
)


def claims(*values: Any, definition: str | None = None) -> list[Claim]:
    return [Claim(value, None, "a text", definition, declared_at=NOON) for value in values]


@pytest.mark.parametrize(
    ("rule", "declared", "status"),
    [
        (Rule.BLOCK_UNTIL_DECIDED, claims(106, 108), Status.OPEN),
        (Rule.BLOCK_UNTIL_DECIDED, claims(108, 108), Status.AGREED),
        (Rule.BLOCK_UNTIL_DECIDED, claims("2022", "2022-12", "2022-12-31"), Status.AGREED),
        (Rule.BLOCK_UNTIL_DECIDED, claims("2022-12", "2024-12"), Status.OPEN),
        (Rule.BLOCK_UNTIL_DECIDED, [Claim(None, "-", "a table")], Status.OPEN),
        (Rule.RESOLVE_BY_DATE, claims(614, 611, 665), Status.SETTLED_BY_RULE),
        (Rule.UNION, claims(["a"], ["a", "b"]), Status.SETTLED_BY_RULE),
        (Rule.ATTRIBUTE, claims("in_kind", "compensated"), Status.SETTLED_BY_RULE),
        (Rule.PARAMETER_PER_PLACE, claims("intercity", "any"), Status.SETTLED_BY_RULE),
        (Rule.NORMALISE, claims("8.3.4.0/16", "8.3.4. 0/16"), Status.SETTLED_BY_RULE),
        (Rule.NORMALISE, claims("8.3.4.0/16", "8.3.4.0/16"), Status.AGREED),
    ],
)
def test_a_rule_says_what_several_values_mean(
    rule: Rule, declared: list[Claim], status: Status
) -> None:
    assert status_of(rule, declared, []) is status


def test_one_number_under_two_names_is_two_measures_unless_one_name_has_two_numbers() -> None:
    names = [*claims(118, definition="so far"), *claims(118, definition="at present")]
    assert status_of(Rule.NAME_THE_MEASURE, names, []) is Status.SETTLED_BY_RULE
    twice = [*names, *claims(117, definition="so far")]
    assert status_of(Rule.NAME_THE_MEASURE, twice, []) is Status.OPEN


def test_targets_that_hold_on_the_same_day_must_be_closed_by_a_person() -> None:
    def target(value: int, first: date, last: date | None) -> Claim:
        return Claim(value, None, "a text", None, first, last)

    apart = [target(614, date(2017, 3, 1), date(2018, 12, 31)), target(611, date(2019, 1, 1), None)]
    assert status_of(Rule.RESOLVE_BY_DATE, apart, []) is Status.SETTLED_BY_RULE
    both = [target(614, date(2017, 3, 1), None), target(611, date(2019, 1, 1), None)]
    assert status_of(Rule.RESOLVE_BY_DATE, both, []) is Status.OPEN


def test_a_decision_settles_until_something_new_is_declared() -> None:
    decided = [Decision(NOON + timedelta(days=1))]
    assert status_of(Rule.BLOCK_UNTIL_DECIDED, claims(106, 108), decided) is Status.DECIDED
    later = Claim(107, None, "another text", declared_at=NOON + timedelta(days=2))
    found = status_of(Rule.BLOCK_UNTIL_DECIDED, [*claims(106, 108), later], decided)
    assert found is Status.OPEN


@pytest.mark.parametrize(
    ("period", "held"),
    [("2017-2", True), ("2017", True), ("all", True), ("2017-1", False), ("2018", False)],
)
def test_a_semester_holds_back_itself_and_what_contains_it(period: str, held: bool) -> None:
    assert holds_back(PUPILS, claims(106, 108), period) is held


def test_a_disputed_end_holds_back_what_comes_after_the_earliest_of_them() -> None:
    end = Subject("project_end", "state", "state", None, "", Rule.BLOCK_UNTIL_DECIDED, Blocks.BLOCK)
    declared = claims("2022", "2022-12", "2024-12", "2022-12-31")
    assert not holds_back(end, declared, "2022-1")
    assert holds_back(end, declared, "2022-2")
    assert holds_back(end, declared, "2023")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022", date(2022, 12, 31)),
        ("2022-02", date(2022, 2, 28)),
        ("2022-12-30", date(2022, 12, 30)),
        ("soon", None),
        (17, None),
    ],
)
def test_a_date_of_any_precision_has_a_last_day(text: Any, day: date | None) -> None:
    assert last_day_of(text) == day


def test_every_contradiction_of_the_five_pages_has_a_rule_we_know() -> None:
    known = [f for f in figures() if f.kind == "contradiction"]
    assert len(known) == 12
    open_ones = set()
    for figure in known:
        declared = [
            Claim(c.value, None, c.source, c.source if "definition" in figure.id else None)
            for c in figure.claims
        ]
        if status_of(Rule(str(figure.rule)), declared, []) is Status.OPEN:
            open_ones.add(figure.id)
    assert open_ones == {
        "contra-dbt-2017-2-pupils",
        "contra-dbt-2017-2-dash",
        "contra-project-end",
    }
