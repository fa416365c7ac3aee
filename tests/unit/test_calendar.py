"""School years, months and birthdays."""

from datetime import date

import pytest

from shared import calendar


def test_months_of_a_semester_run_over_the_new_year() -> None:
    found = calendar.months_between(date(2017, 11, 15), date(2018, 2, 1))
    assert found == ["2017-11", "2017-12", "2018-01", "2018-02"]
    assert calendar.months_between(date(2018, 1, 2), date(2018, 1, 1)) == []


def test_a_month_ends_on_its_last_day() -> None:
    assert calendar.month_bounds("2020-02") == (date(2020, 2, 1), date(2020, 2, 29))
    assert calendar.month_bounds("2017-12") == (date(2017, 12, 1), date(2017, 12, 31))


def test_semesters_follow_each_other_within_and_over_the_school_year() -> None:
    assert calendar.next_semester("2017-1") == "2017-2"
    assert calendar.next_semester("2017-2") == "2018-1"
    assert calendar.school_year_of("2017-2") == "2017"


def test_weekends_and_breaks_are_no_school_days() -> None:
    days = calendar.school_days(
        date(2017, 10, 20), date(2017, 10, 30), [(date(2017, 10, 23), date(2017, 10, 27))]
    )
    assert days == [date(2017, 10, 20), date(2017, 10, 30)]


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2000, 9, 1), date(2018, 9, 1), 18),
        (date(2000, 9, 2), date(2018, 9, 1), 17),
    ],
)
def test_a_person_is_of_age_on_the_birthday(born: date, day: date, age: int) -> None:
    assert calendar.age_on(born, day) == age
    assert (calendar.birthday(born, 18) <= day) is (age >= 18)
