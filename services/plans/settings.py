"""What a process of plans is told through its environment; nothing beyond what all are told."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """The settings of plans."""
