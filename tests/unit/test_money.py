"""Money is whole cents, exact in every split and sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import BadAmount, euro, parse_euro, split_esf


@given(st.integers(0, 10**13), st.integers(0, 1000))
def test_the_two_parts_of_a_line_are_the_line(cents: int, share: int) -> None:
    esf, state = split_esf(cents, share_permille=share)
    assert esf + state == cents
    assert esf >= 0 and state >= 0
    assert abs(esf * 1000 - cents * share) <= 500, "the fund's part is rounded to the nearest cent"


@pytest.mark.parametrize(
    ("cents", "esf", "state"), [(30000, 25500, 4500), (10, 9, 1), (30, 26, 4), (1, 1, 0), (0, 0, 0)]
)
def test_eighty_five_percent_rounds_half_up(cents: int, esf: int, state: int) -> None:
    assert split_esf(cents) == (esf, state)


@given(st.integers(0, 10**12))
def test_what_is_written_can_be_read(cents: int) -> None:
    assert parse_euro(euro(cents)) == cents


@pytest.mark.parametrize("text", ["1.234", "-1", "1,20", "", "1e3", " 1", "1.", "١"])
def test_an_amount_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(BadAmount) as refused:
        parse_euro(text)
    assert refused.value.code == "bad-amount"


def test_ten_thousand_times_ten_cents_is_a_thousand_euros() -> None:
    assert euro(sum(parse_euro("0.10") for _ in range(10_000))) == "1000.00"
