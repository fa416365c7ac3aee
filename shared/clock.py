"""The only place that looks at the clock; only edges call it, everything else is given `now`."""

import time
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def programme_now(days_behind: int) -> datetime:
    """The programme's present moment: the clock's, or so many days before it in a practice."""
    return now() - timedelta(days=days_behind)


def ticks() -> float:
    """Seconds of a clock that only runs forward, for measuring and waiting."""
    return time.monotonic()
