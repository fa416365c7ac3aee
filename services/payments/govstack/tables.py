"""The table of batches that government platforms handed over."""

from sqlalchemy import Column, DateTime, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from services.payments.tables import METADATA, words

GOVSTACK_BATCHES = Table(
    "govstack_batches",
    METADATA,
    Column("batch_id", Text, primary_key=True),
    *words("source_bb_id", "request_id", "partner", "handed_over_by"),
    Column("order_ids", ARRAY(Text), nullable=False),
    Column("handed_over_at", DateTime(timezone=True), nullable=False),
)
