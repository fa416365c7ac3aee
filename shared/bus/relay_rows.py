"""What the relay writes down: who leads, and which rows of the outbox carry which numbers.

Everything hangs on one row of `relay_state`. Taking the lead raises its epoch; numbering and
forgetting are single statements that touch nothing unless the epoch is still the caller's. Uses
an asyncpg connection of its own: these few statements are the hot path of everything said.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import asyncpg

ROWS_PER_TURN_MAX = 2_000
BYTES_PER_TURN_MAX = 8_000_000
LEADER_SILENCE_SECONDS_MAX = 3
CHANNEL = "outbox"

_TAKE_LEAD = """
    INSERT INTO relay_state AS state (one, epoch, next_n, leader, turned_at)
    VALUES (true, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, 1, $2, clock_timestamp())
    ON CONFLICT (one) DO UPDATE
    SET epoch = greatest(state.epoch + 1, excluded.epoch), next_n = 1, leader = excluded.leader,
        turned_at = excluded.turned_at
    WHERE state.leader = excluded.leader
       OR coalesce(state.turned_at < clock_timestamp() - make_interval(secs => $1), true)
    RETURNING epoch
"""
_NUMBERED_BEFORE = "SELECT epoch, first_n, ids FROM relay_batch"
_OLDEST = """
    SELECT id, topic, part_key, headers, payload FROM (
        SELECT *, sum(size) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS bytes
        FROM (
            SELECT id, topic, part_key, headers, payload,
                   octet_length(payload) + octet_length(headers) AS size
            FROM outbox WHERE NOT id <@ $3::int8multirange ORDER BY id LIMIT $1
        )
    )
    WHERE bytes <= $2 OR bytes = size
    ORDER BY id
"""
_THESE = "SELECT id, topic, part_key, headers, payload FROM outbox WHERE id = ANY($1) ORDER BY id"
_NUMBER = """
    WITH lead AS (
        UPDATE relay_state SET next_n = next_n + $3, turned_at = clock_timestamp()
        WHERE epoch = $1 AND next_n = $2 RETURNING one
    ), forgotten AS (
        DELETE FROM outbox WHERE id = ANY($5) AND EXISTS (SELECT FROM lead)
    )
    INSERT INTO relay_batch (one, epoch, first_n, ids) SELECT one, $1, $2, $4 FROM lead
    ON CONFLICT (one) DO UPDATE
    SET epoch = excluded.epoch, first_n = excluded.first_n, ids = excluded.ids
    RETURNING true
"""
_FORGET = """
    WITH lead AS (
        UPDATE relay_state SET turned_at = clock_timestamp()
        WHERE epoch = $1 AND set_config('synchronous_commit', 'off', true) = 'off' RETURNING one
    ), forgotten AS (
        DELETE FROM outbox WHERE id = ANY($2) AND EXISTS (SELECT FROM lead)
    )
    DELETE FROM relay_batch USING lead WHERE cardinality($2::bigint[]) > 0 AND lead.one
    RETURNING true
"""
_STILL_LEADS = """
    UPDATE relay_state SET turned_at = clock_timestamp()
    WHERE epoch = $1 AND set_config('synchronous_commit', 'off', true) = 'off' RETURNING one
"""
_LEAVE = "UPDATE relay_state SET turned_at = NULL WHERE epoch = $1"


class LeadLost(Exception):
    """Another relay has taken the lead; what was read or packed here must not be sent."""


@dataclass(frozen=True)
class Numbered:
    """A batch as it was written down: its epoch, first number and rows, in order."""

    epoch: int
    first_n: int
    ids: Sequence[int]


@dataclass
class Lead:
    """A leadership: its epoch, the next number to give, and a batch left by who led before."""

    epoch: int
    next_n: int
    inherited: Numbered | None


async def connect(url: str) -> asyncpg.Connection:
    """The relay's own connection; raises what asyncpg raises."""
    return await asyncpg.connect(
        url,
        timeout=5,
        command_timeout=10,
        server_settings={"lock_timeout": "8000", "jit": "off", "application_name": "relay"},
    )


async def take_lead(connection: asyncpg.Connection, name: str) -> Lead | None:
    """Lead under a new epoch, or None while somebody else leads and is not silent for too long.

    Whoever comes back under the name of the last leader need not wait for its silence.
    """
    epoch = await connection.fetchval(_TAKE_LEAD, LEADER_SILENCE_SECONDS_MAX, name)
    if epoch is None:
        return None
    batch = await connection.fetchrow(_NUMBERED_BEFORE)
    if batch is None:
        return Lead(epoch, 1, None)
    return Lead(epoch, 1, Numbered(batch["epoch"], batch["first_n"], list(_ids(batch["ids"]))))


async def oldest(connection: asyncpg.Connection, *, but: Sequence[int]) -> Sequence[Any]:
    """The oldest rows that wait, except those given: (id, topic, part_key, headers, payload).

    They keep the order per key although younger rows of other keys may be committed before
    them: whoever writes about a thing holds its lock, so of one key none is still to come.
    """
    return await connection.fetch(  # type: ignore[no-any-return]  # asyncpg has no types of its own
        _OLDEST, ROWS_PER_TURN_MAX, BYTES_PER_TURN_MAX, _runs(but)
    )


async def rows_of(connection: asyncpg.Connection, batch: Numbered) -> Sequence[Any]:
    """The rows of a batch that are still there, in order."""
    return await connection.fetch(_THESE, batch.ids)  # type: ignore[no-any-return]  # asyncpg has no types of its own


async def number(connection: asyncpg.Connection, batch: Numbered, *, sent: Sequence[int]) -> None:
    """Write the batch down and forget the rows sent before it, in one step; raises LeadLost."""
    written = await connection.fetchval(
        _NUMBER, batch.epoch, batch.first_n, len(batch.ids), _runs(batch.ids), sent
    )
    if not written:
        raise LeadLost


async def forget(connection: asyncpg.Connection, epoch: int, sent: Sequence[int]) -> None:
    """Forget the rows sent; raises LeadLost.

    Nothing is promised by this commit, so it need not wait for the disk: losing it only brings
    back a batch that will be sent again under the numbers it had.
    """
    if not await connection.fetchval(_FORGET, epoch, sent):
        raise LeadLost


async def still_lead(connection: asyncpg.Connection, epoch: int) -> None:
    """Tell the stand-bys that the leader is alive; raises LeadLost."""
    if not await connection.fetchval(_STILL_LEADS, epoch):
        raise LeadLost


async def leave(connection: asyncpg.Connection, epoch: int) -> None:
    """Let a stand-by take over at once."""
    await connection.execute(_LEAVE, epoch)


def _runs(ids: Iterable[int]) -> list[asyncpg.Range]:
    """Ascending ids as stretches without a hole: some bytes instead of eight for each."""
    runs: list[list[int]] = []
    for row_id in ids:
        if runs and runs[-1][1] == row_id:
            runs[-1][1] = row_id + 1
        else:
            runs.append([row_id, row_id + 1])
    return [asyncpg.Range(first, after) for first, after in runs]


def _ids(runs: Iterable[asyncpg.Range]) -> Iterator[int]:
    return chain.from_iterable(range(run.lower, run.upper) for run in runs)
