"""Settings of the payments service: what all services have, and the load limits of its doors."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from the environment of the process."""

    claims_per_request_max: int = 20_000
