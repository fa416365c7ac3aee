"""Work in a thread beside the event loop."""

import asyncio
from typing import Any


async def ended(working: "asyncio.Task[Any]") -> None:
    """Wait for a thread whose work nobody wants any more, for a thread cannot be stopped.

    Its piece of work is small, and its fault is nobody's.
    """
    await asyncio.wait([working])
    if not working.cancelled():
        working.exception()
