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
    evidence_key_previous: SecretStr = SecretStr("")
    evidence_key_previous_version: int = 0

    @property
    def several_cells_pay(self) -> bool:
        """Whether other cells pay too, so that evidence must first be heard of by all."""
        return self.serves != "*"

    @property
    def evidence_keys(self) -> dict[int, bytes]:
        """The keys under which claims on evidence are told, by version: while it changes, both."""
        keys = {self.evidence_key_version: self.evidence_key.get_secret_value().encode()}
        previous = self.evidence_key_previous.get_secret_value().encode()
        return keys | ({self.evidence_key_previous_version: previous} if previous else {})

    @model_validator(mode="after")
    def _two_keys_are_two(self) -> Self:
        """Refuse a previous key that is the present one, or has its version."""
        previous = self.evidence_key_previous.get_secret_value()
        if previous and (
            previous == self.evidence_key.get_secret_value()
            or self.evidence_key_previous_version == self.evidence_key_version
        ):
            raise ValueError("EVIDENCE_KEY_PREVIOUS is another key, of another version")
        return self

    @model_validator(mode="after")
    def _own_keys_in_production(self) -> Self:
        """Refuse in production the keys that stand in the code."""
        if self.is_production and not self.signing_keys.get_secret_value():
            raise ValueError("production needs SIGNING_KEYS")
        if self.is_production and self.evidence_key.get_secret_value().startswith("local-"):
            raise ValueError("production needs the nation's EVIDENCE_KEY")
        return self
