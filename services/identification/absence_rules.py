"""When a pupil can have been away from school: enrolled there, on a school day of a semester."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shared.errors import Refused


class NotEnrolledThatDay(Refused):
    """The pupil was not in any school's register on that day."""

    code = "not-enrolled-that-day"


class OutsideSemester(Refused):
    """The calendar of the school has no semester on that day; enter the semester first."""

    code = "outside-semester"


class NotASchoolDay(Refused):
    """There were no lessons on that day: a weekend, a day off or a break."""

    code = "not-a-school-day"


def stay_on(stays: Sequence[Mapping[str, Any]], day: date) -> Mapping[str, Any] | None:
    """The stay that held on a day, of a history in its order; None where the pupil was nowhere."""
    found = None
    for stay in stays:
        if stay["valid_from"] <= day:
            found = stay
    if found is not None and found["left_on"] is not None and day >= found["left_on"]:
        return None
    return found
