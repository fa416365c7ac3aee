"""What payments says of allocations: what a partner may promise in a semester and in a year."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.base import Cents, Code, Day, RegistrationNumber, Semester, SignedCents
from shared.contracts.payments import PaymentFact


class AllocationChanged(PaymentFact):
    """What a partner may promise in a semester was set or changed; two persons agreed to it.

    The key is partner and semester; a transfer is told once for each side.
    """

    type: ClassVar[str] = "pumpurs.payments.allocation-changed.v1"

    act_id: Code
    version: int = Field(ge=1, description="grows with every change of this allocation")
    semester: Semester
    kind: Literal["set", "increase", "decrease", "transfer"]
    change_cents: SignedCents
    allocated_cents: Cents = Field(description="what may be promised in the semester from now on")
    other_partner: RegistrationNumber | None = Field(description="the other side of a transfer")
    other_semester: Semester | None
    entered_by: str = Field(max_length=200)
    approved_by: str = Field(max_length=200)
    approved_on: Day


class YearlyMaximumSet(PaymentFact):
    """The most a partner's allocations of a school year may come to was set; two persons agreed.

    The key is partner and school year.
    """

    type: ClassVar[str] = "pumpurs.payments.yearly-maximum-set.v1"

    act_id: Code
    version: int = Field(ge=1, description="grows with every maximum of this year")
    school_year: str = Field(pattern=r"^20\d\d$", description="its first year")
    maximum_cents: Cents
    learners: int | None = Field(ge=1, description="the learners it was computed for")
    entered_by: str = Field(max_length=200)
    approved_by: str = Field(max_length=200)
    approved_on: Day


class AllocationStood(PaymentFact):
    """How a partner's allocation of a semester stands, told from time to time as one picture.

    The key is partner and semester. Of what is allocated, `reserved_cents` and `ordered_cents` are
    spoken for; `waiting_cents` is what plans asked for and the allocation had no room for.
    """

    type: ClassVar[str] = "pumpurs.payments.allocation-stood.v1"

    version: int = Field(ge=1, description="grows with every picture of this allocation")
    semester: Semester
    allocated_cents: Cents
    reserved_cents: Cents
    ordered_cents: Cents
    settled_cents: Cents
    waiting_cents: Cents
    left_cents: Cents
