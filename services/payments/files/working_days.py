"""Days on which the Treasury pays: not on weekends, not on public holidays of Latvia.

Source: the law on holidays, remembrance days and days to be celebrated; a holiday of May or
November that falls on a weekend gives the next working day off.
"""

from datetime import date, timedelta
from functools import cache

SATURDAY = 5
FIXED = ((1, 1), (5, 1), (5, 4), (6, 23), (6, 24), (11, 18), (12, 24), (12, 25), (12, 26), (12, 31))
MOVED_FROM_A_WEEKEND = ((5, 4), (11, 18))


def is_working_day(day: date) -> bool:
    """Whether the Treasury pays on a day."""
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


def next_working_day(day: date) -> date:
    """The first working day after a day."""
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


@cache
def _holidays(year: int) -> frozenset[date]:
    """The public holidays of a year, days given for those on a weekend included."""
    easter = _easter(year)
    days = {date(year, month, day) for month, day in FIXED}
    days |= {easter - timedelta(days=2), easter + timedelta(days=1)}
    for month, day in MOVED_FROM_A_WEEKEND:
        holiday = date(year, month, day)
        if holiday.weekday() >= SATURDAY:
            days.add(holiday + timedelta(days=7 - holiday.weekday()))
    return frozenset(days)


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the anonymous method published in 1876."""
    moon, century, rest = year % 19, year // 100, year % 100
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * moon + century - century // 4 - shift + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (moon + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
