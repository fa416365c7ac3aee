"""What kind of day a day is, by the calendars that the ministry's pages printed."""

from datetime import date, timedelta

import pytest

from shared.school_days import DayKind, GradeDays, SchoolDays, SemesterDates

AUTUMN = SemesterDates(
    semester="2022-1",
    first_day=date(2022, 9, 1),
    last_day=date(2022, 12, 23),
    breaks=((date(2022, 10, 24), date(2022, 10, 28)),),
    days_off=frozenset({date(2022, 11, 18)}),
    extra_days=frozenset({date(2022, 11, 26)}),
)
SPRING = SemesterDates(
    semester="2022-2",
    first_day=date(2023, 1, 9),
    last_day=date(2023, 5, 31),
    breaks=((date(2023, 3, 13), date(2023, 3, 17)),),
    grades=(
        GradeDays("general", 9, last_day=date(2023, 6, 14)),
        GradeDays("general", 1, breaks=((date(2023, 2, 6), date(2023, 2, 10)),)),
    ),
)
COUNTRY = {("2022-1", ""): AUTUMN, ("2022-2", ""): SPRING}


def days(grade: int = 7, *places: str, more: dict[tuple[str, str], SemesterDates] | None = None,
         ) -> SchoolDays:  # fmt: skip
    """The days of a grade under the country's calendar, and entries of places."""
    return SchoolDays.of(COUNTRY | (more or {}), *places, programme="general", grade=grade)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2022-09-01", DayKind.SCHOOL_DAY),
        ("2022-08-31", DayKind.OUTSIDE),
        ("2022-06-30", DayKind.UNKNOWN),
        ("2022-10-24", DayKind.BREAK),
        ("2022-10-29", DayKind.WEEKEND),
        ("2022-11-18", DayKind.DAY_OFF),
        ("2022-11-26", DayKind.SCHOOL_DAY),
        ("2022-12-27", DayKind.OUTSIDE),
        ("2023-01-09", DayKind.SCHOOL_DAY),
        ("2023-06-01", DayKind.OUTSIDE),
        ("2023-09-04", DayKind.UNKNOWN),
        ("2023-09-02", DayKind.WEEKEND),
    ],
)
def test_a_day_is_what_the_calendar_says(day: str, kind: DayKind) -> None:
    assert days().kind(date.fromisoformat(day)) is kind


def test_a_grade_may_end_later_or_rest_longer() -> None:
    assert days(9).kind(date(2023, 6, 1)) is DayKind.SCHOOL_DAY
    assert days(1).kind(date(2023, 2, 6)) is DayKind.BREAK
    assert days(2).kind(date(2023, 2, 6)) is DayKind.SCHOOL_DAY


def test_the_nearest_entry_holds_whole() -> None:
    town = SemesterDates("2022-1", date(2022, 9, 1), date(2022, 12, 16), ())
    school = SemesterDates("2022-1", date(2022, 9, 5), date(2022, 12, 23), ())
    more = {("2022-1", "town"): town, ("2022-1", "school"): school}
    monday = date(2022, 10, 24)
    assert days(7, "school", "town", more=more).kind(date(2022, 9, 2)) is DayKind.OUTSIDE
    assert days(7, "other", "town", more=more).kind(monday) is DayKind.SCHOOL_DAY
    assert days(7, "other", "elsewhere", more=more).kind(monday) is DayKind.BREAK


def test_without_a_calendar_only_weekends_are_known() -> None:
    nothing = SchoolDays.of({}, programme=None, grade=None)
    week = [nothing.kind(date(2022, 9, 5) + timedelta(days=n)) for n in range(7)]
    assert week == [DayKind.UNKNOWN] * 5 + [DayKind.WEEKEND] * 2
