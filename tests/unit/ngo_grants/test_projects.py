"""A lump sum is cut exactly, earned by what was reached, and asked back where it was not."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ngo_grants.domain import WrongMove
from services.ngo_grants.project_rules import (
    INSTALMENT_MOVES,
    Instalment,
    Known,
    PublicityMissing,
    Result,
    Told,
    check_result,
    due_on,
    earned_cents,
    fulfilment,
    is_news,
    parts,
    settle,
    spread_final,
)
from shared.errors import Invalid
from tests.builders_scores import RULES, the_rules


def test_ninety_and_ten_percent_of_4600_euros() -> None:
    assert [(p.number, p.cents, p.after) for p in parts(RULES)] == [
        (1, 414_000, "contract"),
        (2, 46_000, "acceptance"),
    ]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=6), st.integers(1, 10**7))
def test_instalments_always_add_up_to_the_grant(shares: list[int], cents: int) -> None:
    whole = sum(shares)
    permille = [share * 1000 // whole for share in shares]
    permille[-1] += 1000 - sum(permille)
    rules = the_rules(
        grant_cents=cents,
        instalment_shares=[{"permille": p, "after": "contract"} for p in permille],
    )
    assert sum(p.cents for p in parts(rules)) == cents


@pytest.mark.parametrize(
    ("reached", "earned"),
    [
        (Result(24, 10), 460_000),
        (Result(30, 15), 460_000),
        (Result(18, 10), 345_000),
        (Result(24, 7), 322_000),
        (Result(12, 5), 230_000),
        (Result(11, 10), 0),
        (Result(0, 0), 0),
    ],
)
def test_the_smaller_share_decides_what_is_earned(reached: Result, earned: int) -> None:
    assert earned_cents(fulfilment(Result(24, 10), reached), RULES) == earned


def test_a_third_is_rounded_down_to_the_cent() -> None:
    assert earned_cents(Fraction(2, 3), RULES) == 306_666


def test_what_was_paid_beyond_what_was_earned_comes_back() -> None:
    assert settle(460_000, 414_000) == settle(460_000, 414_000)
    done = settle(345_000, 414_000)
    assert (done.final_cents, done.recovery_cents) == (0, 69_000)
    full = settle(460_000, 414_000)
    assert (full.final_cents, full.recovery_cents) == (46_000, 0)


def test_the_rest_goes_to_the_planned_instalments_in_order() -> None:
    assert spread_final(50, {2: 40, 3: 40}) == {2: 40, 3: 10}
    assert spread_final(0, {2: 40}) == {2: 0}
    with pytest.raises(ValueError, match="cannot take"):
        spread_final(50, {2: 40})


def test_working_days_leave_out_weekends() -> None:
    assert due_on(date(2018, 11, 16), 1) == date(2018, 11, 19)
    assert due_on(date(2018, 11, 15), 10) == date(2018, 11, 29)


def test_a_proof_shows_publicity_and_does_not_contradict_itself() -> None:
    check_result(Result(24, 10), "plakāts")
    with pytest.raises(PublicityMissing):
        check_result(Result(24, 10), "  ")
    with pytest.raises(Invalid):
        check_result(Result(5, 6), "plakāts")


def told(state: Instalment, version: int) -> Told:
    """What payments said of one order."""
    return Told("p", 1, state, "order", version, None, None)


def test_older_words_of_payments_change_nothing() -> None:
    settled = Known(Instalment.SETTLED, "order", 3)
    assert not is_news(settled, told(Instalment.ORDERED, 1))
    assert not is_news(settled, told(Instalment.SETTLED, 3))
    assert is_news(settled, told(Instalment.RETURNED, 4))
    assert is_news(Known(Instalment.DUE, None, None), told(Instalment.SETTLED, 2))


def test_words_that_contradict_what_is_known_are_refused() -> None:
    for state in (Instalment.PLANNED, Instalment.CANCELLED):
        assert (state, Instalment.SETTLED) not in INSTALMENT_MOVES
        with pytest.raises(WrongMove):
            is_news(Known(state, None, None), told(Instalment.SETTLED, 1))
