"""The door at which an operator or auditor sees whether the books agree."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel

from services.payments.checks import actions as checks
from services.payments.checks.domain import COMPARED, Check
from shared.auth import STATE, Role
from shared.calendar import TIMEZONE, CalendarDay
from shared.web import Query, query

router = APIRouter(tags=["books"])

READERS = (Role.AUDITOR, Role.STATE_OFFICER)
SENTENCES = {compared.name: compared for compared in COMPARED}


class DifferenceShown(BaseModel):
    """A sum as it is kept and as it was counted again; empty where one of them is not there."""

    thing: str
    kept: int | None
    counted: int | None


class CheckShown(BaseModel):
    """One comparison: what must hold, of how many things it was asked, and what disagrees."""

    name: str
    rule_lv: str
    rule_en: str
    checked_at: datetime
    compared: int
    differing: int
    differences: list[DifferenceShown]

    @classmethod
    def of(cls, check: Check) -> "CheckShown":
        """A comparison as it is shown."""
        rule = SENTENCES[check.name]
        return cls(
            name=check.name,
            rule_lv=rule.lv,
            rule_en=rule.en,
            checked_at=check.checked_at,
            compared=check.compared,
            differing=check.differing,
            differences=[DifferenceShown(**one._asdict()) for one in check.differences],
        )


class ChecksShown(BaseModel):
    """The last comparison of each kind; `agree` when there was one and nothing differs."""

    agree: bool
    differing: int
    checks: list[CheckShown]


@router.get("/books/checks")
async def show_checks(
    asked: Annotated[Query, query(*READERS)],
    day: Annotated[CalendarDay | None, Asked(description="as they stood at its end")] = None,
) -> ChecksShown:
    """Whether every sum is the sum of what it is made of, the last time somebody counted."""
    asked.person.must(READERS, STATE)
    last = (day or asked.today) + timedelta(days=1)
    before = datetime(last.year, last.month, last.day, tzinfo=TIMEZONE)
    found = await checks.latest_checks(asked.session, before=before)
    differing = sum(check.differing for check in found)
    return ChecksShown(
        agree=bool(found) and differing == 0,
        differing=differing,
        checks=[CheckShown.of(check) for check in found],
    )
