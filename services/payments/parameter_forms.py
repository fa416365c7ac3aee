"""Forms of the values of payments' parameters, as types: money is computed with nothing else."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.payments.files.domain import BUDGET_CHARACTERS_MAX, NAME_CHARACTERS_MAX
from services.payments.payees.iban import fault_of
from shared.contracts.identification import Programme, RiskGroup
from shared.contracts.plans import SupportType

WholeEuros = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
Cents = Annotated[int, Field(strict=True, ge=0, le=100_000_000)]
Thousandths = Annotated[int, Field(strict=True, ge=0, le=1000)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Days = Annotated[int, Field(strict=True, ge=0, le=3660)]
Hour = Annotated[int, Field(strict=True, ge=0, le=24)]
KindOfDay = Literal["weekend", "day_off", "break", "outside_semester", "absent"]
Type = SupportType | Literal["preparation"]
BudgetCode = Annotated[str, Field(max_length=BUDGET_CHARACTERS_MAX, pattern=r"^[\w. /-]*$")]


class Circle(BaseModel):
    """Who may receive a type of support."""

    model_config = ConfigDict(extra="forbid")

    risk_groups: list[RiskGroup] = []
    programmes: list[Programme] = []


class BudgetCodes(BaseModel):
    """The classification on both sides of a payment."""

    model_config = ConfigDict(extra="forbid")

    payer: BudgetCode
    payee: BudgetCode


def _right(iban: str) -> str:
    """An IBAN, spaces apart."""
    if fault_of("".join(iban.split())) is not None:
        raise ValueError("is no IBAN that is paid from here; copy it from the bank's own paper")
    return iban


class PayerAccount(BaseModel):
    """What a payment office pays from."""

    model_config = ConfigDict(extra="forbid")

    iban: Annotated[str, AfterValidator(_right)]
    bic: str | None = Field(default=None, pattern=r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$")
    name: str | None = Field(default=None, min_length=1, max_length=NAME_CHARACTERS_MAX)
