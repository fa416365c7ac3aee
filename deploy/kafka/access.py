"""How the tooling signs in to Kafka: SCRAM over TLS where a user is named, otherwise plain."""

from pathlib import Path
from typing import TypeAlias

Settings: TypeAlias = dict[str, str | int | float | bool]
"""Settings of confluent-kafka."""


def admin_settings(
    bootstrap: str, *, user: str = "", password_file: Path | None = None, ca: Path | None = None
) -> Settings:
    """The settings of an administration client. Raises ValueError for a user without password."""
    settings: Settings = {"bootstrap.servers": bootstrap}
    if not user:
        return settings
    if password_file is None:
        raise ValueError(f"{user} needs a file with a password")
    settings |= {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": user,
        "sasl.password": password_file.read_text().strip(),
    }
    if ca is not None:
        settings["ssl.ca.location"] = str(ca)
    return settings
