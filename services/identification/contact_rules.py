"""When a talk with a parent or an excuse comes late.

The school talks to the parents on the day of the absence; a document that excuses is due some
days after the pupil is back (the parameter `excuse_days_max`, by local practice three).
"""

from datetime import date, datetime, timedelta

from services.identification.domain import day_of


def is_contact_late(absent_on: date, contacted_at: datetime | None) -> bool:
    """Whether nobody talked to the parents on the same day."""
    return contacted_at is None or day_of(contacted_at) > absent_on


def is_excuse_late(returned_on: date | None, excused_on: date | None, *, days_max: int) -> bool:
    """Whether the document came later than its days after the return."""
    if returned_on is None or excused_on is None:
        return False
    return excused_on > returned_on + timedelta(days=days_max)
