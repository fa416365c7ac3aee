"""Reading personal codes of both kinds, and registration numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identification.personal_code import (
    PersonalCodeCheckDigit,
    PersonalCodeDate,
    PersonalCodeForm,
    check_digit,
    read_personal_code,
)
from shared.registration_number import is_registration_number

bodies = st.integers(0, 10**8 - 1).map(lambda n: f"32{n:08d}")


@pytest.mark.parametrize("text", ["161175-19997", "16117519997", "111111-11111"])
def test_an_old_code_tells_the_birth_date(text: str) -> None:
    code = read_personal_code(text)
    assert code.digits == text.replace("-", "")
    assert code.born == date(1900 + int(code.digits[4:6]), 11, int(code.digits[:2]))
    assert code.warnings == ()


@pytest.mark.parametrize(("century", "year"), [("0", 1805), ("1", 1905), ("2", 2005)])
def test_the_seventh_digit_is_the_century(century: str, year: int) -> None:
    body = f"010105{century}123"
    assert read_personal_code(f"{body}{check_digit(body)}").born == date(year, 1, 1)


@pytest.mark.parametrize(
    "text",
    ["", "16117519", "161175 19997", "1611-7519997", "16117519997 ", "16117x19997", "١٦١١٧٥١٩٩٩٧"],
)
def test_a_code_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(PersonalCodeForm):
        read_personal_code(text)


@pytest.mark.parametrize("text", ["311375-19997", "000000-00000", "161175-39997", "300205-21234"])
def test_an_old_code_without_a_date_is_refused(text: str) -> None:
    with pytest.raises(PersonalCodeDate):
        read_personal_code(text)


@pytest.mark.parametrize("last", [n for n in range(10) if n != 7])
def test_an_old_code_with_another_last_digit_is_refused(last: int) -> None:
    with pytest.raises(PersonalCodeCheckDigit):
        read_personal_code(f"161175-1999{last}")


@given(bodies, st.integers(0, 9))
def test_a_new_code_is_taken_and_a_wrong_check_digit_only_noted(body: str, last: int) -> None:
    code = read_personal_code(f"{body}{last}")
    assert code.born is None
    assert code.is_synthetic == body.startswith("3299")
    assert bool(code.warnings) == (check_digit(body) != last)


@given(bodies)
def test_the_two_known_ways_of_counting_the_check_digit_agree(body: str) -> None:
    weights = (1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    assert check_digit(body) == (1101 - total) % 11 % 10


@pytest.mark.parametrize("number", ["40003521600", "40003032949", "90000054572", "90009147276"])
def test_real_registration_numbers_are_right(number: str) -> None:
    assert is_registration_number(number)


@pytest.mark.parametrize("number", ["40003521601", "30003521600", "4000352160", "", "4000352160x"])
def test_other_texts_are_no_registration_numbers(number: str) -> None:
    assert not is_registration_number(number)
