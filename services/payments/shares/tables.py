"""Tables of what cells told each other of pupils' months."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table, Text

from services.payments.tables import METADATA


def _key(*names: str) -> list[Column[str]]:
    """Text columns that together are the key."""
    return [Column(name, Text, primary_key=True) for name in names]


MONTH_ASKS = Table(
    "month_asks",
    METADATA,
    # All cells' asks, of each cell the last; the greatest place has the rest of the month.
    *_key("pupil_ref", "month", "source"),
    Column("version", Integer, nullable=False),
    Column("place", Integer, nullable=False),
)
MONTH_GIFTS = Table(
    "month_gifts",
    METADATA,
    # What `source` handed over to `partner`, all times together: given where it is this cell.
    *_key("pupil_ref", "month", "source", "partner"),
    Column("version", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
    CheckConstraint("cents >= 0", name="sums"),
)
