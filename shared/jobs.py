"""What a service does by itself from time to time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class Job:
    """Something done every so often in one transaction; told the programme's present."""

    name: str
    every_seconds: int
    run: Callable[[AsyncSession, datetime], Awaitable[None]]
