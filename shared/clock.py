"""The only place that looks at the clock; only edges call it, everything else is given `now`."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def ticks() -> float:
    """Seconds of a clock that only runs forward, for measuring and waiting."""
    return time.monotonic()
