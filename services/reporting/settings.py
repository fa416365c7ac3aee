"""Settings of reporting: which of its two levels a process runs, and the limits of its doors."""

import os
from enum import StrEnum

from shared.settings import ServiceSettings


class ReportingLevel(StrEnum):
    """What a process does: count facts, make national tables of counts, or both."""

    MUNICIPAL = "municipal"
    NATIONAL = "national"
    BOTH = "both"

    @property
    def counts(self) -> bool:
        """Whether facts about pupils are heard and counted here."""
        return self is not ReportingLevel.NATIONAL

    @property
    def publishes(self) -> bool:
        """Whether aggregates of all cells are heard and editions are made here."""
        return self is not ReportingLevel.MUNICIPAL


class Settings(ServiceSettings):
    """Read from the environment of the process."""

    level: ReportingLevel = ReportingLevel.BOTH


def level_of_process() -> ReportingLevel:
    """The level this process runs; read before there are settings, for it decides who listens."""
    return ReportingLevel(os.environ.get("LEVEL", ReportingLevel.BOTH.value))
