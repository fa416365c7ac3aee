"""Where a person counts: once in every place and period, in the nation where they were first."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain import Cell, Place
from services.reporting.membership import Changes, Evidence, change, standing
from services.reporting.plan_files import Item

ONE, TWO, ELSEWHERE = "90000000001", "90000000002", "90000000003"
PLACES = [
    Place("a", ONE, ONE),
    Place("b", ONE, ONE),
    Place("c", TWO, TWO),
    Place("d", ELSEWHERE, ELSEWHERE),
]
MERGED = {ONE: [("43", ONE)], TWO: [("43", ONE)]}
DAYS = st.sampled_from(["2017-09-04", "2017-10-09", "2018-01-15", "2018-02-12"])
FACETS = st.dictionaries(
    st.sampled_from(
        ["pupils_involved|", "pupils_involved|grade=7", "pupils_involved|risk_group=R2"]
    ),
    DAYS,
    max_size=3,
)
MONTHS = st.dictionaries(
    st.tuples(st.sampled_from(["2017-10", "2018-01"]), st.just("pupils_supported|")),
    DAYS,
    max_size=2,
)
ITEMS = st.builds(
    Item, st.sampled_from(PLACES), st.sampled_from(["2017-1", "2017-2", "2018-1"]), FACETS, MONTHS
)
EVIDENCE = st.builds(
    Evidence,
    st.dictionaries(st.sampled_from("pqrs"), ITEMS, max_size=4),
    st.lists(DAYS, max_size=1),
)


def an_item(place: Place, semester: str = "2017-1", since: str = "2017-09-04") -> Item:
    return Item(place, semester, {"pupils_involved|": since}, {})


def cells(evidence: Evidence, level: str, period: str) -> set[Cell]:
    found = standing(evidence, MERGED)
    return {cell for cell in found if (cell.level, cell.period) == (level, period)}


@given(EVIDENCE, EVIDENCE)
def test_the_change_is_what_the_whole_was_and_is(before: Evidence, after: Evidence) -> None:
    expected = Counter(standing(after, MERGED))
    expected.subtract(standing(before, MERGED))
    changes = Changes()
    change(before, after, MERGED, into=changes)
    assert changes.spread(MERGED) == {c: n for c, n in expected.items() if n}


def test_two_schools_of_a_partner_are_one_person_there() -> None:
    evidence = Evidence({"p": an_item(PLACES[0]), "q": an_item(PLACES[1])})
    assert len(cells(evidence, "school", "2017-1")) == 2
    assert len(cells(evidence, "partner", "2017-1")) == 1
    assert len(cells(evidence, "nation", "2017-1")) == 1


def test_the_nation_counts_where_somebody_was_first() -> None:
    late, early = an_item(PLACES[0], since="2017-11-01"), an_item(PLACES[2], since="2017-09-04")
    (cell,) = cells(Evidence({"p": late, "q": early}), "nation", "2017-1")
    assert cell.partner == TWO


def test_merged_municipalities_count_somebody_of_both_once_on_the_younger_map() -> None:
    evidence = Evidence({"p": an_item(PLACES[0]), "q": an_item(PLACES[2], since="2017-10-01")})
    found = cells(evidence, "municipality", "2017-1")
    assert {c.municipality_id for c in found if not c.cut} == {ONE, TWO}
    assert [(c.partner, c.municipality_id) for c in found if c.cut == "grid=43"] == [(ONE, ONE)]


def test_health_risks_are_counted_for_no_school_and_no_partner() -> None:
    item = Item(PLACES[0], "2017-1", {"pupils_involved|risk_group=R2": "2017-09-04"}, {})
    levels = {cell.level for cell in standing(Evidence({"p": item}), MERGED)}
    assert levels == {"municipality", "nation"}


def test_who_came_from_another_cell_within_the_period_is_counted_there() -> None:
    evidence = Evidence({"p": an_item(PLACES[0], since="2017-11-06")}, ["2017-11-01"])
    assert not cells(evidence, "nation", "2017-1")
    assert len(cells(evidence, "school", "2017-1")) == 1
    next_year = Evidence({"p": an_item(PLACES[0], "2018-1", "2018-09-03")}, ["2017-11-01"])
    assert len(cells(next_year, "nation", "2018-1")) == 1
