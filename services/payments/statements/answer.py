"""A bank's answer, read from a file in pieces; its root tells which message it is. Pure."""

from collections.abc import Iterator
from typing import BinaryIO

from services.payments.statements.domain import Line, Message
from services.payments.statements.entries import EntryReader
from services.payments.statements.reading import Place, Walker
from services.payments.statements.statuses import StatusReader

PIECE_BYTES = 65_536
PIECE_LINES = 4_000
SILENT_BYTES_MAX = 8 * 1024 * 1024
STATUS_REPORT = "pain.002"


class Answer:
    """A file of a bank; `pieces` reads it, and `message` is whole when they are through."""

    def __init__(self, file: BinaryIO) -> None:
        """The file is read from where it stands."""
        self.message = Message()
        self._file = file
        self._reader: EntryReader | StatusReader | None = None
        self._walker = Walker(self._map_of)

    def pieces(self) -> Iterator[list[Line]]:
        """The lines in pieces; raises AnswerRefused where the file cannot be what it should.

        A long stretch that tells nothing gives an empty piece, so that who waits sees it go on.
        """
        silent = 0
        while piece := self._file.read(PIECE_BYTES):
            self._walker.feed(piece)
            silent += len(piece)
            if self._reader is None:
                continue
            if len(self._reader.lines) >= PIECE_LINES or silent >= SILENT_BYTES_MAX:
                silent = 0
                yield self._taken()
        self._walker.close()
        assert self._reader is not None, "the end of a file without a root was refused"
        if self._reader.lines:
            yield self._taken()

    def _taken(self) -> list[Line]:
        """The lines that were finished, taken away from the reader."""
        assert self._reader is not None
        lines, self._reader.lines = self._reader.lines, []
        return lines

    def _map_of(self, kind: str, version: str) -> Place:
        """The map of the message whose root was found."""
        self.message.kind, self.message.version = kind, version
        reader = StatusReader if kind == STATUS_REPORT else EntryReader
        self._reader = reader(self._walker, self.message)
        return self._reader.places()
