"""Settings of identification: what all services share is enough."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What a process of identification is told through its environment."""
