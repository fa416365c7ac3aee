"""What payments tells a payment office, and what the office reports back. No name, no account."""

from typing import ClassVar

from pydantic import Field

from shared.contracts.base import Cents, Code, Day, Fact, Instant, RegistrationNumber, Topic

ORDERS = Topic(
    "payment-office.{office}.orders.v1",
    owner="payments",
    about="orders and bank files of one payment office",
    key="partner",
    partitions=1,
    readers=("office",),
)
REPORTS = Topic(
    "payment-office.{office}.reports.v1",
    owner="office",
    about="what one payment office says of its orders",
    key="order_id",
    partitions=1,
    readers=("payments",),
    from_outside=True,
)


class OfficeFact(Fact):
    """What all facts for one office carry."""

    topic: ClassVar[Topic] = ORDERS
    key_field: ClassVar[str] = "partner"

    partner: RegistrationNumber


class OrderIssued(OfficeFact):
    """An approved order is in a bank file."""

    type: ClassVar[str] = "pumpurs.payment-office.order-issued.v1"

    order_id: Code
    version: int
    file_id: Code
    cents: Cents
    support_type: Code


class OrderCancelled(OfficeFact):
    """An order must not be paid any more."""

    type: ClassVar[str] = "pumpurs.payment-office.order-cancelled.v1"

    order_id: Code
    version: int
    reason_code: Code


class BankFileIssued(OfficeFact):
    """A bank file can be downloaded; count, sum and hash are those of what was written."""

    type: ClassVar[str] = "pumpurs.payment-office.bank-file-issued.v1"

    file_id: Code
    execution_date: Day
    count: int = Field(ge=1)
    cents: Cents
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    order_ids: tuple[Code, ...]
    issued_at: Instant


class ReportFact(Fact):
    """What all reports of an office carry; report_id makes them idempotent."""

    topic: ClassVar[Topic] = REPORTS
    key_field: ClassVar[str] = "order_id"

    report_id: str = Field(min_length=1, max_length=80)
    partner: RegistrationNumber
    order_id: Code
    booked_on: Day


class OrderSettled(ReportFact):
    """The office paid the order."""

    type: ClassVar[str] = "pumpurs.payment-office.order-settled.v1"

    cents: Cents


class OrderReturned(ReportFact):
    """The bank returned the order's money, or refused the line."""

    type: ClassVar[str] = "pumpurs.payment-office.order-returned.v1"

    cents: Cents
    reason_code: Code
