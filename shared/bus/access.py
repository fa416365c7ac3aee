"""How a process reaches Kafka: addresses, and the name and password it signs in with."""

import ssl
from dataclasses import dataclass, field
from typing import Any

from faststream.security import BaseSecurity, SASLScram512

from shared.settings import ServiceSettings


@dataclass(frozen=True)
class KafkaAccess:
    """Addresses (comma-separated) and, where the cluster asks for it, SCRAM over TLS."""

    bootstrap: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @classmethod
    def of(cls, settings: ServiceSettings) -> "KafkaAccess":
        """The access a service's settings describe."""
        return cls(
            settings.kafka_bootstrap,
            settings.kafka_user,
            settings.kafka_password.get_secret_value(),
            settings.kafka_ca_file,
        )

    @property
    def servers(self) -> list[str]:
        """The addresses as a list, the only form FastStream understands."""
        return [server.strip() for server in self.bootstrap.split(",") if server.strip()]

    def client_options(self) -> dict[str, Any]:
        """Keyword arguments for a plain aiokafka client."""
        options: dict[str, Any] = {"bootstrap_servers": self.servers}
        if self.user:
            options |= {
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
                "ssl_context": self._ssl(),
            }
        return options

    def security(self) -> BaseSecurity | None:
        """The same for FastStream; always with TLS, which it would leave out by itself."""
        if not self.user:
            return None
        return SASLScram512(self.user, self.password, ssl_context=self._ssl())

    def _ssl(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)
