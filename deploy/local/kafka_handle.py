"""What every way to a broker gives back: an address and, where there is one, a handle."""

from typing import Protocol, TypeAlias


class Handle(Protocol):
    """What can be done to a broker we started, for tests of outages."""

    @property
    def pid(self) -> int:
        """The broker's process, for signals."""

    def stop(self) -> None:
        """End it in good order; its data stays."""

    def kill(self) -> None:
        """End it at once; its data stays."""

    def start(self) -> None:
        """Start it again on the same port with the same data."""


Opened: TypeAlias = tuple[str, Handle | None]
"""`host:port`, and the handle."""
