"""Payments in a thread of its own, for tests whose steps hypothesis chooses."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any


class Aside:
    """An event loop in a thread of its own: the steps of a machine are no coroutines."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.stack = AsyncExitStack()
        self.thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Wait for something to be done there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        """End what was opened, and the loop."""
        self.run(self.stack.aclose())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
