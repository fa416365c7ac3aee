"""When each loop of a process last went round: what liveness looks at."""

from shared.clock import ticks


class Progress:
    """The last turn of every loop by name; a loop that stands still is seen by its age."""

    def __init__(self) -> None:
        self._turned: dict[str, float] = {}
        self._stopped: dict[str, str] = {}

    def turned(self, loop: str) -> None:
        """The loop went round just now."""
        self._turned[loop] = ticks()

    def stopped(self, loop: str, reason: str) -> None:
        """The loop stopped on purpose and waits for a person; readiness goes red."""
        self._stopped[loop] = reason

    def ages(self) -> dict[str, float]:
        """Seconds since the last turn of each loop that has not been stopped on purpose."""
        at = ticks()
        return {name: at - seen for name, seen in self._turned.items()} if self._turned else {}

    def stops(self) -> dict[str, str]:
        """Loops that stopped on purpose, with the reason."""
        return dict(self._stopped)
