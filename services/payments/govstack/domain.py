"""Bulk payment and prepayment validation as the GovStack Payments building block names them.

Source: its published specification, bulk payment and prepayment validation; what differs stands
in the service's README.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import Code

SUCCESS, FAILURE = "00", "01"
INSTRUCTIONS_MAX = 20_000
Twelve = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{12}$")]


class CreditInstruction(BaseModel):
    """One order to pay: InstructionID is the order's id, PayeeFunctionalID its payee's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    InstructionID: Code
    PayeeFunctionalID: Code
    Amount: Decimal = Field(gt=0, max_digits=12, decimal_places=2)
    Currency: str = Field(min_length=3, max_length=3)
    Narration: str | None = Field(default=None, min_length=1, max_length=50)

    @property
    def cents(self) -> int:
        """The amount in cents; two decimals at most, so nothing is rounded."""
        return int(self.Amount.scaleb(2))


class BulkPayment(BaseModel):
    """A batch of credit instructions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    RequestID: Twelve
    SourceBBID: Twelve
    BatchID: Twelve
    CreditInstructions: tuple[CreditInstruction, ...] = Field(
        min_length=1, max_length=INSTRUCTIONS_MAX
    )


class Why(StrEnum):
    """Why an instruction fails before our own rules are asked."""

    UNKNOWN = "order-unknown"
    OTHER_PAYEE = "payee-differs"
    OTHER_AMOUNT = "amount-differs"
    OTHER_CURRENCY = "currency-not-euro"
    TWICE = "instruction-twice"


class Failed(BaseModel):
    """An instruction that fails, and why."""

    InstructionID: str
    FailureReason: str


class Answer(BaseModel):
    """What a batch is answered, at once."""

    RequestID: str
    BatchID: str
    ResponseCode: str
    ResponseDescription: str
    NumberFailedCases: int
    FailedAccounts: list[Failed]

    @classmethod
    def of(cls, batch: BulkPayment, failed: list[Failed], done: str) -> "Answer":
        """Success where nothing fails; one failure fails the batch."""
        every = len(batch.CreditInstructions)
        said = f"{len(failed)} of {every} instructions fail; nothing is done"
        return cls(
            RequestID=batch.RequestID,
            BatchID=batch.BatchID,
            ResponseCode=FAILURE if failed else SUCCESS,
            ResponseDescription=said if failed else done,
            NumberFailedCases=len(failed),
            FailedAccounts=failed,
        )


def differs(
    instruction: CreditInstruction, *, payee_id: str | None, cents: int | None
) -> Why | None:
    """Whether an instruction says something else than its order; None where they agree."""
    if cents is None:
        return Why.UNKNOWN
    if instruction.Currency != "EUR":
        return Why.OTHER_CURRENCY
    if instruction.PayeeFunctionalID != payee_id:
        return Why.OTHER_PAYEE
    return None if instruction.cents == cents else Why.OTHER_AMOUNT
