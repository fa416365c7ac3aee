"""What cells of payments tell each other of a pupil's month, so that it has one ceiling."""

from typing import ClassVar

from pydantic import Field

from shared.contracts.base import Cents, Fact, Month, PupilRef, RegistrationNumber, Topic

MONTHS = Topic(
    "payments.months.v1",
    owner="payments",
    about="which cell of payments holds how much of a pupil's month; never where or for what",
    key="pupil_ref",
    # Whose month it is follows from all that was asked before, so nothing is ever forgotten.
    retention_days=None,
    readers=("payments",),
)


class MonthFact(Fact):
    """What facts about a pupil's month carry; all of one pupil stay in the order they were told."""

    topic: ClassVar[Topic] = MONTHS
    key_field: ClassVar[str] = "pupil_ref"

    pupil_ref: PupilRef
    month: Month
    version: int = Field(ge=1, description="grows with what this cell tells of the same")


class MonthAsked(MonthFact):
    """A pupil's month has to be paid from here: who asks first has all, others the rest.

    The last one asked for has what is left of the month, and what becomes free of it later.
    """

    type: ClassVar[str] = "pumpurs.payments.month-asked.v1"

    arrival: RegistrationNumber = Field(description="partner of the plan it is asked for")


class RoomHandedOver(MonthFact):
    """A cell handed over what it had free of a pupil's month; told too when that was nothing.

    `partner` is the one that had asked; only the cell that pays for it hears this.
    """

    type: ClassVar[str] = "pumpurs.payments.room-handed-over.v1"

    partner: RegistrationNumber
    cents: Cents = Field(description="all this cell has handed over so, this time included")
