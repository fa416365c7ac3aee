"""What every fact has in common: its model, its topic and the words its fields are made of.

A fact is told in the past tense, is frozen, and travels as CloudEvents 1.0 in binary mode
(attributes in headers, the JSON of the model as value). Source: our rule, README of this folder.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Cents = Annotated[int, Field(ge=0, le=10**13, description="euro cents, never negative")]
SignedCents = Annotated[int, Field(ge=-(10**13), le=10**13, description="euro cents")]
PupilRef = Annotated[str, Field(pattern=r"^p\d+:[0-9a-f]{32}$", description="keyed digest")]
EvidenceRef = Annotated[str, Field(pattern=r"^e\d+:[0-9a-f]{32}$", description="keyed digest")]
StaffRef = Annotated[str, Field(pattern=r"^s\d+:[0-9a-f]{32}$", description="keyed digest")]
RegistrationNumber = Annotated[
    str, Field(pattern=r"^[4-9]\d{10}$", description="registration number of an institution")
]
Semester = Annotated[
    str,
    Field(pattern=r"^20\d\d-[12]$", description="first year of the school year, dash, 1 or 2"),
]
Month = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="year-month")]
Code = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][\w.:/-]*$")]
Instant = AwareDatetime
Day = date


DAY_MILLISECONDS = 24 * 60 * 60 * 1000

F = TypeVar("F", bound="Fact", covariant=True)


class Cleanup(StrEnum):
    """How Kafka keeps a topic."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True)
class Topic:
    """One topic of the bus: what it is called, who says it, how it is kept.

    Without `retention_days` its facts are kept for good. With `from_outside` somebody outside the
    house writes it: the broker, not the writer, says when a record was written.
    """

    name: str
    owner: str
    about: str
    key: str
    partitions: int = 6
    cleanup: Cleanup = Cleanup.DELETE
    retention_days: int | None = 14
    readers: tuple[str, ...] = field(default=())
    from_outside: bool = False

    @property
    def retention_ms(self) -> int:
        """How long facts are kept in milliseconds; -1, as Kafka has it, for good."""
        return -1 if self.retention_days is None else self.retention_days * DAY_MILLISECONDS

    @property
    def is_pattern(self) -> bool:
        """True where the name holds `{office}` and there is one topic per payment office."""
        return "{office}" in self.name


class Fact(BaseModel):
    """Something that happened, told to whoever subscribes.

    Readers ignore fields they do not know; writers give every field of their version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[Topic]
    type: ClassVar[str]
    key_field: ClassVar[str]

    @property
    def key(self) -> str:
        """The Kafka key: all facts with one key stay in order."""
        return str(getattr(self, self.key_field))

    @property
    def about_partner(self) -> str | None:
        """Registration number of the partner the fact concerns, so that a cell can skip it."""
        partner = getattr(self, "partner", None)
        return None if partner is None else str(partner)

    @property
    def topic_name(self) -> str:
        """The topic to write to; for a payment office its own."""
        name = self.topic.name
        return name.replace("{office}", self.about_partner or "") if "{" in name else name


@dataclass(frozen=True)
class Received(Generic[F]):
    """A fact as a consumer gets it: the fact, when it was true, and where it came from.

    `at` is the time of the fact and the *now* of whatever follows from it, so that telling it
    again gives the same result.
    """

    fact: F
    at: datetime
    event_id: str
    source: str
    topic: str
    partition: int
    offset: int
    partner: str | None = None
    traceparent: str | None = None
    correlation_id: str | None = None
