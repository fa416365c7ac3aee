"""What reporting says: aggregates for the national level, and editions. No pupil is in them."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.base import (
    Cleanup,
    Code,
    Fact,
    Instant,
    RegistrationNumber,
    SignedCents,
    Topic,
)

AGGREGATES = Topic(
    "reporting.aggregates.v1",
    owner="reporting",
    about="counts of the municipal level, the latest version of each key is the state",
    key="aggregate_key",
    cleanup=Cleanup.COMPACT,
    readers=("reporting-national",),
)
EDITIONS = Topic(
    "reporting.editions.v1",
    owner="reporting",
    about="editions of national tables that were published",
    key="edition_id",
    partitions=1,
    retention_days=3650,
    readers=("public",),
)


class AggregateCounted(Fact):
    """A count or sum of one place, period, measure and cut has this value now."""

    topic: ClassVar[Topic] = AGGREGATES
    type: ClassVar[str] = "pumpurs.reporting.aggregate-counted.v1"
    key_field: ClassVar[str] = "aggregate_key"

    aggregate_key: str = Field(min_length=3, max_length=400)
    partner: RegistrationNumber
    municipality_id: RegistrationNumber | None = Field(
        description="as it was at that time, or the territory on a younger map (cut `grid`); none "
        "at partner and nation"
    )
    school_id: Code | None
    level: Literal["school", "partner", "municipality", "nation"] = Field(
        description="nation: the part of a national total that this cell contributes"
    )
    period: str = Field(pattern=r"^20\d\d(-[12]|-(0[1-9]|1[0-2])m)?$|^all$")
    measure: Code
    cut: tuple[tuple[Code, str], ...] = Field(description="code pairs, sorted")
    value: SignedCents
    version: int = Field(ge=1)
    count_no: int = Field(ge=1, description="number of the count that changed it")


class CountedThrough(Fact):
    """A count took all facts up to these positions into account."""

    topic: ClassVar[Topic] = AGGREGATES
    type: ClassVar[str] = "pumpurs.reporting.counted-through.v1"
    key_field: ClassVar[str] = "aggregate_key"

    aggregate_key: str = Field(
        min_length=3, max_length=400, description="counted-through:cell:topic"
    )
    cell: Code
    count_no: int = Field(ge=1)
    positions: tuple[tuple[str, int, int], ...] = Field(description="topic, partition, offset")
    version: int = Field(ge=1)


class EditionPublished(Fact):
    """An edition of national tables was published."""

    topic: ClassVar[Topic] = EDITIONS
    type: ClassVar[str] = "pumpurs.reporting.edition-published.v1"
    key_field: ClassVar[str] = "edition_id"

    edition_id: Code
    period: str
    published_at: Instant
    positions: tuple[tuple[str, int, int], ...]
    tables: tuple[tuple[str, str], ...] = Field(description="table name and sha256 of its bytes")
