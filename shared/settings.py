"""What every process of a service is told through its environment."""

from enum import StrEnum
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    """Where a process runs; only outside production may time and tokens be local."""

    LOCAL = "local"
    TEST = "test"
    PRODUCTION = "production"


class ServiceSettings(BaseSettings):
    """Settings that all services share; a service adds its own in its settings module."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    environment: Environment = Environment.LOCAL
    programme_days_behind: int = Field(default=0, ge=0)
    database_url: str
    kafka_bootstrap: str = ""
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca_file: str = ""
    cell: str = "national"
    serves: str = "*"
    instance: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    oidc_issuer: str = "urn:pumpurs:local"
    oidc_audience: str = "pumpurs"
    oidc_jwks: str = ""
    pseudonym_key: SecretStr = SecretStr("local-pseudonym-key-not-for-production")
    pseudonym_version: int = 1
    field_keys: SecretStr = SecretStr("")
    bootstrap_subject: str = ""
    database_pool: int = 6
    upload_bytes_max: int = 512 * 1024 * 1024
    set_aside_in_a_row_max: int = 50
    log_level: str = "INFO"
    otlp_endpoint: str = ""
    trace_share: float = 0.1

    @model_validator(mode="after")
    def _nothing_local_in_production(self) -> Self:
        """Refuse to run in production with keys that stand in this file, or in the past."""
        if self.environment is Environment.PRODUCTION:
            if self.programme_days_behind:
                raise ValueError("production lives today: leave PROGRAMME_DAYS_BEHIND at 0")
            if self.pseudonym_key.get_secret_value().startswith("local-"):
                raise ValueError("production needs its own PSEUDONYM_KEY")
            if not self.field_keys.get_secret_value():
                raise ValueError("production needs FIELD_KEYS")
            if not self.oidc_jwks.startswith("https://"):
                raise ValueError("production needs OIDC_JWKS as an https address")
        return self

    @property
    def is_production(self) -> bool:
        """True where local conveniences are refused."""
        return self.environment is Environment.PRODUCTION

    def serves_partner(self, partner: str | None) -> bool:
        """Whether this cell works for a partner; what concerns no partner concerns every cell."""
        return partner is None or self.serves == "*" or partner in self.serves.split(",")
