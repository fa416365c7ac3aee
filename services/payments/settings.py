"""Settings of the payments service: what all services have, load limits, and what it signs with."""

from typing import Self

from pydantic import SecretStr, model_validator

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from the environment of the process."""

    claims_per_request_max: int = 20_000
    signing_keys: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _own_keys_in_production(self) -> Self:
        """Refuse to sign in production with the key that stands in the code."""
        if self.is_production and not self.signing_keys.get_secret_value():
            raise ValueError("production needs SIGNING_KEYS")
        return self
