"""Plain rules of payments: moves of orders, versions in force, accounts, reports, parameters."""

import itertools
from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.claims.evidence import Evidence, digest_of
from services.payments.domain import (
    MOVES,
    OrderState,
    Plan,
    PlanVersion,
    WrongMove,
    check_move,
    ended_before,
    preparation_left,
)
from services.payments.payees.iban import BadIban, fault_of, normal_iban, with_check_digits
from services.payments.refusals import REASONS, LineRefused
from services.payments.reports.domain import WORK_LIST_REASONS, Report, decide
from services.payments.rulebook import Rule, Rulebook, RuleMissing
from shared.money import split_esf

ENDS = (OrderState.SETTLED, OrderState.RETURNED)


@pytest.mark.parametrize(("start", "to"), list(itertools.product(OrderState, OrderState)))
def test_every_move_outside_the_table_is_refused(start: OrderState, to: OrderState) -> None:
    if (start, to) in MOVES:
        check_move(start, to)
    else:
        with pytest.raises(WrongMove):
            check_move(start, to)


def test_no_way_leads_back_or_into_a_second_file() -> None:
    back = (OrderState.SETTLED, OrderState.RETURNED)
    assert [move for move in MOVES if move[0] in ENDS] == [back], "a bank returns what it booked"
    assert {to for start, to in MOVES if start is OrderState.UNKNOWN} == set(ENDS)
    assert {start for start, to in MOVES if to is OrderState.IN_FILE} == {OrderState.APPROVED}
    assert not [m for m in MOVES if m[1] is OrderState.DRAFT]


def a_version(number: int, first: str, last: str) -> PlanVersion:
    """A version in force between two days."""
    return PlanVersion(number, date.fromisoformat(first), date.fromisoformat(last), {})


def a_plan(*versions: PlanVersion, deleted: bool = False) -> Plan:
    """A plan of these versions."""
    return Plan("p", "P", "p1:0", "9", "s", "9", "2021-1", deleted, 6_000, versions)


def test_one_version_at_most_is_in_force_on_a_day() -> None:
    first = a_version(1, "2021-09-01", "2021-12-21")
    (ended,) = ended_before([first], date(2021, 10, 20))
    plan = a_plan(ended, a_version(2, "2021-10-20", "2021-12-21"))
    found = [plan.version_on(date(2021, 10, day)) for day in (19, 20)]
    assert [version.number for version in found if version] == [1, 2]
    assert plan.version_on(date(2021, 8, 31)) is None
    assert plan.last_day_in_force(date(2021, 12, 1), date(2021, 12, 31)) == date(2021, 12, 21)
    assert a_plan(first, deleted=True).version_on(date(2021, 9, 2)) is None


@pytest.mark.parametrize(
    ("minutes", "ordered", "left"),
    [(360, 0, 6_000), (720, 0, 6_000), (120, 500, 1_500), (1, 0, 17)],
)
def test_six_hours_earn_all_of_the_preparation_pay(minutes: int, ordered: int, left: int) -> None:
    assert preparation_left(minutes, cents_max=6_000, ordered=ordered) == left


def test_an_account_is_known_by_its_check_digits() -> None:
    assert normal_iban("lv80 bank 0000 4351 9500 1") == "LV80BANK0000435195001"
    for wrong in ("LV81BANK0000435195001", "LV80BANK000043519500", "LV80B4NK0000435195001", "x"):
        with pytest.raises(BadIban):
            normal_iban(wrong)
    assert fault_of("XX80BANK0000435195001") == "iban-country"


@given(st.integers(0, 10**13 - 1), st.integers(0, 20))
def test_one_wrong_digit_is_always_seen(number: int, place: int) -> None:
    right = with_check_digits("LV", f"HABA{number:013d}")
    assert fault_of(right) is None
    if right[place].isdigit():
        wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
        assert fault_of(wrong) == "bad-iban"


@given(st.integers(1, 10**9), st.integers(0, 1000))
def test_the_two_parts_of_a_line_are_the_line(cents: int, share: int) -> None:
    esf, state = split_esf(cents, share_permille=share)
    assert esf + state == cents
    assert esf >= 0 <= state
    assert abs(esf * 1000 - cents * share) <= 500


def test_ten_thousand_times_ten_cents_is_a_thousand_euro() -> None:
    assert sum(split_esf(10)[0] + split_esf(10)[1] for _ in range(10_000)) == 100_000


def test_two_ways_of_writing_a_paper_are_one_paper() -> None:
    one = Evidence(kind="invoice", issuer="SIA 1", number="a-1")
    two = one.model_copy(update={"issuer": "sia1", "number": "A -1"})
    other = one.model_copy(update={"line": "2"})
    assert digest_of(one) == digest_of(two) != digest_of(other)
    assert digest_of(one.model_copy(update={"issuer": "SIA 1A", "number": "-1"})) != digest_of(one)


def test_every_refusal_has_a_sentence_in_both_languages() -> None:
    for reason in REASONS.values():
        assert reason.lv != reason.en
        assert reason.code == reason.code.lower()
    refusal = LineRefused("project-ended", end="2022-12-31")
    assert refusal.code == "project-ended"
    assert "2022-12-31" in refusal.sentence and "2022-12-31" in str(refusal.details["message_lv"])


class AnOrder(NamedTuple):
    """As much of an order as a decision on a report looks at."""

    partner: str
    cents: int
    state: str
    file_id: str | None = None
    booked_on: date | None = None
    recovered_cents: int = 0
    approved_at: datetime | None = None


@pytest.mark.parametrize(
    ("partner", "cents", "state", "result"),
    [
        ("A", 10, OrderState.SENT, ("applied", None)),
        ("A", 10, OrderState.UNKNOWN, ("applied", None)),
        ("A", 10, OrderState.SETTLED, ("repeated", None)),
        ("A", 10, OrderState.RETURNED, ("work_list", "contradicts-earlier-report")),
        ("A", 10, OrderState.APPROVED, ("work_list", "order-not-sent")),
        ("A", 11, OrderState.SENT, ("work_list", "sum-differs")),
        ("B", 10, OrderState.SENT, ("work_list", "order-of-another-office")),
    ],
)
def test_what_does_not_fit_is_left_to_a_person(
    partner: str, cents: int, state: OrderState, result: tuple[str, str | None]
) -> None:
    now = datetime(2021, 11, 17, tzinfo=UTC)
    report = Report("A", "r", "o", OrderState.SETTLED, 10, date(2021, 11, 17), None, now)
    outcome = decide(report, AnOrder(partner, cents, state))
    assert (outcome.result, outcome.code) == result
    assert outcome.code is None or outcome.code in WORK_LIST_REASONS


def test_the_nearest_place_and_the_right_day_decide_a_parameter() -> None:
    march, june = date(2017, 3, 1), date(2018, 6, 1)
    book = Rulebook(
        [
            Rule("monthly_cap_eur", "state", march, date(2018, 5, 31), 300),
            Rule("monthly_cap_eur", "state", june, None, 250),
            Rule("transport_scope", "state", march, None, "any_public_transport"),
            Rule("transport_scope", "school", march, None, "intercity"),
            Rule("cap_scope", "state", march, None, "compensations"),
        ]
    )
    assert (book.cap_cents("2018-05"), book.cap_cents("2018-06")) == (30_000, 25_000)
    assert book.value("transport_scope", june, "school", "town") == "intercity"
    assert book.value("transport_scope", june, "town") == "any_public_transport"
    assert not book.under_ceiling("consultation", "2018-06")
    assert book.under_ceiling("meals", "2018-06")
    assert not book.under_ceiling("preparation", "2018-06")
    with pytest.raises(RuleMissing):
        book.cap_cents("2017-02")
