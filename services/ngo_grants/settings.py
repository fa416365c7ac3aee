"""Settings of ngo_grants: those of every service."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing of its own so far; keys and addresses are the shared ones."""
