"""Settings of the payments service: what all services have, load limits, its keys."""

from typing import Self

from pydantic import SecretStr, model_validator

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read from the environment of the process."""

    claims_per_request_max: int = 20_000
    signing_keys: SecretStr = SecretStr("")
    evidence_key: SecretStr = SecretStr("local-evidence-key-not-for-production")
    evidence_key_version: int = 1

    @property
    def several_cells_pay(self) -> bool:
        """Whether other cells pay too, so that evidence must first be heard of by all."""
        return self.serves != "*"

    @model_validator(mode="after")
    def _own_keys_in_production(self) -> Self:
        """Refuse in production the keys that stand in the code."""
        if self.is_production and not self.signing_keys.get_secret_value():
            raise ValueError("production needs SIGNING_KEYS")
        if self.is_production and self.evidence_key.get_secret_value().startswith("local-"):
            raise ValueError("production needs the nation's EVIDENCE_KEY")
        return self
