"""A Kafka that lets in only whom it knows: SCRAM over TLS with rights, on the machine's Java."""

import contextlib
import ipaddress
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.kafka_jvm import JvmBroker, java_program, kafka_libraries

ADMIN = "admin"
NODE = "kafka-node"
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=SASL_SSL://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=SASL_SSL://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:SSL
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=LOGIN
ssl.keystore.type=PEM
ssl.keystore.location=FOLDER/keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location=FOLDER/ca.pem
listener.name.controller.ssl.client.auth=required
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:CN=kafka-node
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


@dataclass(frozen=True)
class SecureKafka:
    """Where it listens, the authority that vouches for it, and the file with admin's password."""

    bootstrap: str
    ca: Path
    password_file: Path
    broker: JvmBroker


@contextlib.contextmanager
def secure_kafka(folder: Path) -> Iterator[SecureKafka]:
    """A broker with one user, admin, for as long as the block lasts."""
    password = secrets.token_urlsafe(16)
    _write_certificates(folder)
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
    login = f'{scram} required username="{ADMIN}" password="{password}";'
    properties = PROPERTIES.replace("FOLDER", str(folder)).replace("LOGIN", login)
    broker = JvmBroker(
        java_program(), kafka_libraries(), folder, folder / "kafka.log", properties=properties
    )
    broker.format("--add-scram", f"SCRAM-SHA-512=[name={ADMIN},password={password}]")
    broker.start()
    password_file = folder / "admin-password"
    password_file.write_text(password)
    try:
        yield SecureKafka(broker.bootstrap, folder / "ca.pem", password_file, broker)
    finally:
        broker.kill()


def _write_certificates(folder: Path) -> None:
    """An authority, and a node's key with its certificate and the authority's in one file."""
    authority_key, node_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    authority = _certificate("authority", authority_key, "authority", authority_key)
    node = _certificate(NODE, node_key, "authority", authority_key)
    pem = serialization.Encoding.PEM
    key = node_key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    (folder / "keystore.pem").write_bytes(
        key + node.public_bytes(pem) + authority.public_bytes(pem)
    )


def _certificate(
    subject: str, key: rsa.RSAPrivateKey, issuer: str, issuer_key: rsa.RSAPrivateKey
) -> x509.Certificate:
    now = datetime.now(UTC)
    is_authority = subject == issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(
            x509.SubjectAlternativeName([here, x509.DNSName("localhost")]), critical=False
        ).add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
