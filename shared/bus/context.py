"""What a transaction follows from: the story it belongs to and the facts being applied.

Set by the edges (a request, a wave of a consumer), read by `publish`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from shared.contracts.base import Received


@dataclass(frozen=True)
class Story:
    """What one request or one wave began: its correlation and the trace it belongs to."""

    correlation_id: str | None = None
    traceparent: str | None = None
    told: Sequence[Received[Any]] = ()


_NO_STORY = Story()
_story: ContextVar[Story] = ContextVar("story", default=_NO_STORY)


def current_story() -> Story:
    """The story the running task belongs to; an empty one outside of any."""
    return _story.get()


@contextmanager
def story(
    *,
    correlation_id: str | None = None,
    traceparent: str | None = None,
    told: Sequence[Received[Any]] = (),
) -> Iterator[None]:
    """Everything published inside belongs to this story."""
    token = _story.set(Story(correlation_id, traceparent, told))
    try:
        yield
    finally:
        _story.reset(token)
