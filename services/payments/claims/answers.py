"""A claim that is sent again is answered as it was the first time, so that a bulk can be resumed.

Only the very same claim, of the person who entered it: any other under a used id is refused.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims import store as claim_rows
from services.payments.claims.evidence import ClaimLine
from shared.auth import Person
from shared.bulk import LineAnswer

REPEATED = "claim-repeated"


async def as_before(
    session: AsyncSession,
    answers: Sequence[LineAnswer],
    lines: Sequence[tuple[int, ClaimLine]],
    *,
    by: Person,
) -> list[LineAnswer]:
    """The answers, where a claim was refused as repeated the one that it got before."""
    claims = dict(lines)
    ids = [claims[a.line].claim_id for a in answers if a.code == REPEATED]
    if not ids:
        return list(answers)
    rows = await claim_rows.answered(session, (claim_id for claim_id in ids if claim_id))
    return [
        _answer_before(answer, claims[answer.line], rows, by) if answer.code == REPEATED else answer
        for answer in answers
    ]


def _answer_before(
    answer: LineAnswer, claim: ClaimLine, rows: Mapping[str, RowMapping], by: Person
) -> LineAnswer:
    """The answer of the first time, if it was the same claim of the same person."""
    row = rows[claim.claim_id or ""]
    if row["entered_by"] != by.subject or row["submitted"] != claim_rows.submitted(claim):
        return answer
    details = dict(row["explanation"] or {})
    message = details.pop("message", None)
    if row["order_id"] is not None:
        details |= {"order_id": row["order_id"], "cents": row["cents"]}
    return LineAnswer(
        line=answer.line,
        status="refused" if row["state"] == "refused" else "accepted",
        id=row["claim_id"],
        code=row["code"],
        message=message,
        details=details | {"answered_before": True},
    )
