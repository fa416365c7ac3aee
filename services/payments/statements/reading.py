"""Walks through a message of any size piece by piece and keeps only what a map of it asks for.

Nothing is built of the file: memory holds the values of one entry. Document types (and with them
entities of every kind), deep nesting and endless texts are refused where they begin. Pure.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from services.payments.statements.domain import AnswerRefused

DEPTH_MAX = 60
TEXT_PARTS_MAX = 32
TOKEN_BYTES_MAX = 1_000_000
BEFORE_ROOT_BYTES_MAX = 64_000
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_NAMESPACE = re.compile(
    r"urn:iso:std:iso:20022:tech:xsd:(pain\.002|camt\.053|camt\.054)\.(\d{3}\.\d{2})"
)
_FAULTS = {
    expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]: "bad-encoding",
    expat.errors.codes[expat.errors.XML_ERROR_INCORRECT_ENCODING]: "bad-encoding",
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR]: "bad-encoding",
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "cut-off",
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "cut-off",
    expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: "document-type",
}
Values = dict[str, Any]


@dataclass(eq=False, slots=True)
class Place:
    """A place in a message: where its text goes, read how, and what happens when it closes."""

    inside: dict[str, "Place"] = field(default_factory=dict)
    into: Values | None = None
    key: str = ""
    read: Callable[[str], Any] | None = None
    closed: Callable[[], None] | None = None


NOWHERE = Place()
"""What nobody asked for, and all that is inside it."""


def text_at(into: Values, key: str, read: Callable[[str], Any] | None = None) -> Place:
    """A place whose text is kept under a key; `read` raises ValueError with a fault's code."""
    return Place(into=into, key=key, read=read)


def branch(inside: Mapping[str, Place], *, closed: Callable[[], None] | None = None) -> Place:
    """A place that holds others, by their local names."""
    return Place(inside=dict(inside), closed=closed)


class Walker:
    """Feeds a file to a map of the message; `map_of` gives it by the kind and version found."""

    def __init__(self, map_of: Callable[[str, str], Place]) -> None:
        """Nothing is read yet."""
        self._map_of = map_of
        self._text: list[str] = []
        self._above: list[Place] = []
        self._fed = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._document_type
        self._parser.EntityDeclHandler = self._document_type
        self._parser.StartElementHandler = self._root
        self._parser.CharacterDataHandler = self._text.append

    @property
    def line(self) -> int:
        """The line being read, from 1."""
        return self._parser.CurrentLineNumber

    def feed(self, piece: bytes) -> None:
        """The next piece of the file; raises AnswerRefused."""
        if self._fed == 0 and piece.startswith((_GZIP, _ZIP)):
            raise AnswerRefused("compressed", line=1, column=1)
        self._fed += len(piece)
        self._parse(piece, last=False)
        if len(self._above) > DEPTH_MAX:
            raise self.fault("too-deep")
        if len(self._text) > TEXT_PARTS_MAX:
            raise self.fault("text-too-long")
        behind = self._fed - max(self._parser.CurrentByteIndex, 0)
        if behind > TOKEN_BYTES_MAX:
            raise self.fault("text-too-long")
        if not self._above and self._fed > BEFORE_ROOT_BYTES_MAX and self._is_before_root():
            raise self.fault("message-unknown")

    def close(self) -> None:
        """The end of the file; raises AnswerRefused where the message does not end here."""
        self._parse(b"", last=True)

    def fault(self, code: str, *, field: str | None = None, **details: Any) -> AnswerRefused:
        """A refusal that names where the walk stands."""
        parser = self._parser
        return AnswerRefused(
            code,
            line=parser.CurrentLineNumber,
            column=parser.CurrentColumnNumber + 1,
            field=field,
            **details,
        )

    def _is_before_root(self) -> bool:
        return self._parser.StartElementHandler == self._root

    def _parse(self, piece: bytes, *, last: bool) -> None:
        """Let the parser read; its faults become refusals with line and column."""
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            code = _FAULTS.get(error.code, "not-xml")
            if last and self._fed and code == "not-xml" and not self._is_before_root():
                code = "cut-off"
            if code == "cut-off" and self._fed == 0:
                code = "not-xml"
            if (
                code == "not-xml"
                and error.code == _INVALID_TOKEN
                and self._is_wrongly_encoded(piece)
            ):
                code = "bad-encoding"
            raise AnswerRefused(
                code,
                line=error.lineno,
                column=error.offset + 1,
                reason=expat.ErrorString(error.code),
            ) from None
        except (LookupError, UnicodeError) as error:
            raise self.fault("bad-encoding", reason=str(error)[:100]) from None

    def _is_wrongly_encoded(self, piece: bytes) -> bool:
        """Whether the parser stopped at a byte that the file's encoding does not have."""
        at = self._parser.ErrorByteIndex - (self._fed - len(piece))
        return any(byte > 0x7F for byte in piece[max(at, 0) :][:2])

    def _document_type(self, *_declared: Any) -> None:
        """No bank's message declares one; entities come by no other way."""
        raise self.fault("document-type")

    def _root(self, name: str, attributes: Mapping[str, str]) -> None:
        """The outermost element tells which message of which version this is."""
        prefix, colon, local = name.rpartition(":")
        namespace = attributes.get(f"xmlns{colon}{prefix}", "")
        found = _NAMESPACE.fullmatch(namespace)
        if local != "Document" or found is None:
            raise self.fault("message-unknown", found=(namespace or name)[:100])
        self._above.append(NOWHERE)
        self._walk(self._map_of(found[1], found[2]))

    def _walk(self, here: Place) -> None:
        """From here on each element is looked up in the map; called often, so kept small."""
        text, above, join = self._text, self._above, "".join
        forget, push, pop, nowhere = text.clear, above.append, above.pop, NOWHERE
        keep = self._keep

        def start(name: str, attributes: Mapping[str, str]) -> None:
            nonlocal here
            push(here)
            found = here.inside.get(name)
            if found is None:
                found = (
                    here.inside.get(name.rpartition(":")[2], nowhere) if ":" in name else nowhere
                )
            here = found
            if attributes and here.into is not None and "Ccy" in attributes:
                here.into[here.key + "_currency"] = attributes["Ccy"]
            forget()

        def end(_name: str) -> None:
            nonlocal here
            into = here.into
            if into is not None:
                written = join(text).strip()
                if written:
                    if here.read is None and here.key not in into:
                        into[here.key] = written
                    else:
                        keep(here, written)
            elif here.closed is not None:
                here.closed()
            here = pop()
            forget()

        self._parser.StartElementHandler = start
        self._parser.EndElementHandler = end

    def _keep(self, here: Place, written: str) -> None:
        """Keep a text as it is read; where a field comes again, both texts are kept."""
        into, key = here.into, here.key
        assert into is not None, key
        if here.read is None:
            into[key] = f"{into[key]}\n{written}"[:2_000]
            return
        try:
            into[key] = here.read(written)
        except ValueError as error:
            raise self.fault(str(error), field=key, text=written[:40]) from None


_INVALID_TOKEN = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]
