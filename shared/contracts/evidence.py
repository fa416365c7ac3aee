"""What cells of payments tell each other of evidence: which piece is taken, and which is free."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import Code, EvidenceRef, Fact, Topic

EVIDENCE = Topic(
    "payments.evidence.v1",
    owner="payments",
    about="which evidence is claimed in the country; never the paper, the pupil or the place",
    key="shelf",
    # Of one piece of evidence the first claim must win, so nothing is compacted, and it is told
    # for as long as the evidence may be claimed again.
    retention_days=None,
    readers=("payments",),
)


class ClaimOnEvidence(BaseModel):
    """An order that stands on a piece of evidence; its id says nothing to another cell."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    evidence_ref: EvidenceRef
    order_id: Code
    keys: int = Field(default=1, ge=1, description="under how many references this claim is told")
    by_line: bool = Field(
        default=False,
        description="the order stands on a line of this paper; other lines may be paid, it may not",
    )


class EvidenceFact(Fact):
    """What facts about evidence carry; the key is its shelf, so that each piece keeps its order.

    Neither partner, pupil nor sum is said: another cell learns only that the evidence is taken.
    """

    topic: ClassVar[Topic] = EVIDENCE
    key_field: ClassVar[str] = "shelf"

    shelf: str = Field(pattern=r"^[0-9a-f]$", description="first digit of the evidence's digests")
    claims: tuple[ClaimOnEvidence, ...]


class EvidenceClaimed(EvidenceFact):
    """Orders were made on these pieces of evidence; of each the first to be told may be paid."""

    type: ClassVar[str] = "pumpurs.payments.evidence-claimed.v1"


class EvidenceReleased(EvidenceFact):
    """These orders were returned or cancelled; their evidence may be claimed again."""

    type: ClassVar[str] = "pumpurs.payments.evidence-released.v1"
