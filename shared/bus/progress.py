"""When each loop of a process last went round: what liveness looks at."""

from shared.clock import ticks


class Progress:
    """The last turn of every loop by name; a loop that stands still is seen by its age."""

    def __init__(self) -> None:
        self.lag_seconds = 0.0
        self._turned: dict[str, float] = {}
        self._every: dict[str, float] = {}
        self._stopped: dict[str, str] = {}

    def turned(self, loop: str, *, every_seconds: float = 0) -> None:
        """The loop went round just now, and will again after so many seconds."""
        self._turned[loop] = ticks()
        self._every[loop] = every_seconds

    def stopped(self, loop: str, reason: str) -> None:
        """The loop stopped on purpose and waits for a person; readiness goes red."""
        self._stopped[loop] = reason

    def ages(self) -> dict[str, float]:
        """Seconds by which each loop's next turn is due, counted from when it should begin."""
        at = ticks()
        return {
            name: max(0.0, at - seen - self._every[name]) for name, seen in self._turned.items()
        }

    def stops(self) -> dict[str, str]:
        """Loops that stopped on purpose, with the reason."""
        return dict(self._stopped)
