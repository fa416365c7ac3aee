"""The local machine: what it starts works, what it started ends."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource

from deploy.kafka.topics import create_topics
from deploy.local.issuer import NotInProduction, build
from deploy.local.kafka import Broker, BrokerUnavailable, kafka
from deploy.local.postgres import Postgres
from deploy.local.processes import ROOT, python_environment
from deploy.local.supervisor import Supervised
from deploy.local.tokens import TokenIssuer
from shared.contracts.base import Cleanup, Topic

OFFICE = "40900012345"


async def test_the_embedded_server_syncs_to_disk_and_is_deaf_to_the_network(
    postgres: Postgres,
) -> None:
    connection = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    try:
        assert await connection.fetchval("SHOW fsync") == "on"
        assert await connection.fetchval("SHOW listen_addresses") == ""
        assert str(await connection.fetchval("SHOW server_version")).startswith("18")
    finally:
        await connection.close()


async def test_two_copies_of_a_template_do_not_see_each_other(postgres: Postgres) -> None:
    original = await postgres.create_database("original")
    assert original.startswith("postgresql+asyncpg://")
    connection = await asyncpg.connect(postgres.url("original", driver="postgresql"))
    await connection.execute("CREATE TABLE shelf (book text)")
    await connection.close()
    for name in ("first", "second"):
        await postgres.create_database(name, template="original")
    first = await asyncpg.connect(postgres.url("first", driver="postgresql"))
    await first.execute("INSERT INTO shelf VALUES ('pumpurs')")
    await first.close()
    second = await asyncpg.connect(postgres.url("second", driver="postgresql"))
    assert await second.fetchval("SELECT count(*) FROM shelf") == 0
    await second.close()
    for name in ("original", "first", "second"):
        await postgres.drop_database(name)


def test_topics_are_created_once_and_for_each_office(kafka_broker: Broker) -> None:
    topics = [
        Topic("tryout.things.v1", "tryout", "things", key="thing", partitions=3),
        Topic("tryout-office.{office}.orders.v1", "tryout", "orders", key="order", partitions=1),
    ]
    first = create_topics(kafka_broker.bootstrap, topics, offices=[OFFICE])
    again = create_topics(kafka_broker.bootstrap, topics, offices=[OFFICE])
    assert {outcome.topic: outcome.happened for outcome in first} == {
        "tryout.things.v1": "created",
        f"tryout-office.{OFFICE}.orders.v1": "created",
    }
    assert {outcome.happened for outcome in again} == {"there already"}


@pytest.mark.needs_real_broker
def test_a_topic_is_kept_as_the_catalogue_says(kafka_broker: Broker) -> None:
    topics = [
        Topic("tryout.kept.v1", "tryout", "", key="k", partitions=5, retention_days=3),
        Topic("tryout.latest.v1", "tryout", "", key="k", partitions=1, cleanup=Cleanup.COMPACT),
    ]
    create_topics(kafka_broker.bootstrap, topics)
    admin = AdminClient({"bootstrap.servers": kafka_broker.bootstrap})
    known = admin.list_topics(timeout=10).topics
    assert len(known["tryout.kept.v1"].partitions) == 5
    assert _setting(admin, "tryout.kept.v1", "retention.ms") == str(3 * 24 * 60 * 60 * 1000)
    assert _setting(admin, "tryout.latest.v1", "cleanup.policy") == "compact"


def _setting(admin: AdminClient, topic: str, name: str) -> str:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    (answer,) = admin.describe_configs([resource]).values()
    return str(answer.result(10)[name].value)


def test_without_java_and_docker_the_mock_cluster_is_taken_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _nothing_on_the_path(monkeypatch, tmp_path)
    with kafka(tmp_path) as broker:
        assert broker.kind == "mock"
        assert "no java on PATH" in broker.why
        assert "Docker does not answer" in broker.why
        assert create_topics(broker.bootstrap, [Topic("tryout.v1", "tryout", "", key="k")])


def test_where_a_real_broker_is_asked_for_its_absence_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _nothing_on_the_path(monkeypatch, tmp_path)
    with pytest.raises(BrokerUnavailable, match="no java on PATH"), kafka(tmp_path, real=True):
        pass


def _nothing_on_the_path(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    for name in ("BROKER", "KAFKA_BOOTSTRAP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/no-docker.sock")


@pytest.mark.needs_real_broker
def test_a_broker_that_was_killed_comes_back_with_its_data(tmp_path: Path) -> None:
    with kafka(tmp_path, real=True) as broker:
        create_topics(broker.bootstrap, [Topic("tryout.v1", "tryout", "", key="k")])
        assert broker.handle is not None
        broker.handle.kill()
        broker.handle.start()
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        assert "tryout.v1" in admin.list_topics(timeout=10).topics


OWNER = textwrap.dedent("""
    import signal, sys, time
    from pathlib import Path
    from deploy.local.kafka import kafka
    from deploy.local.postgres import postgres
    from deploy.local.processes import Child
    # A shell starts what it runs in the background with the interrupt ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with postgres() as server, kafka(Path(sys.argv[1])) as broker:
        child = Child("sleeper", ["sleep", "600"], log=Path(sys.argv[1]) / "sleeper.log")
        print(server.child.pid, child.pid, flush=True)
        time.sleep(600)
""")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_owner_ends_all_it_started(
    number: signal.Signals, tmp_path: Path
) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)],
        cwd=ROOT,
        env=python_environment(BROKER="mock"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    pids = [int(pid) for pid in owner.stdout.readline().split()]
    assert len(pids) == 2
    started = [psutil.Process(pid) for pid in pids]
    descendants = psutil.Process(owner.pid).children(recursive=True)
    owner.send_signal(number)
    owner.communicate(timeout=20)
    _, alive = psutil.wait_procs([*started, *descendants], timeout=10)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


async def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    port, keys = "19871", tmp_path / "keys.json"
    process = Supervised(
        "issuer",
        ["deploy.local.issuer", "--port", port, "--keys", str(keys)],
        environment={},
        log=tmp_path / "issuer.log",
        ready=f"http://127.0.0.1:{port}/jwks.json",
    )
    try:
        await process.wait_ready(seconds=30)
        first = process.pid
        process.signal(signal.SIGKILL)
        while process.restarts == 0:
            await asyncio.sleep(0.02)
        await process.wait_ready(seconds=30)
        assert process.pid != first
        assert "starting it again" in (tmp_path / "issuer.log").read_text()
    finally:
        await process.stop()
    assert not psutil.pid_exists(process.pid)


async def test_the_issuer_serves_its_keys_and_a_token_for_whoever_asks(tmp_path: Path) -> None:
    issuer = TokenIssuer.with_key_file("http://issuer", tmp_path / "key.json")
    transport = httpx.ASGITransport(build(issuer))
    async with httpx.AsyncClient(transport=transport, base_url="http://issuer") as client:
        found = (await client.get("/.well-known/openid-configuration")).json()
        assert found["issuer"] == "http://issuer"
        keys = (await client.get(found["jwks_uri"])).json()["keys"]
        assert "d" not in keys[0], "the private part of the key must stay at home"
        answer = (await client.post(found["token_endpoint"], params={"subject": "anna"})).json()
        assert answer["access_token"].count(".") == 2
    assert (tmp_path / "key.json").stat().st_mode & 0o077 == 0


def test_the_issuer_refuses_to_work_in_production(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(NotInProduction):
        build(TokenIssuer.with_key_file("http://issuer", tmp_path / "key.json"))


def test_a_signed_token_names_its_issuer_and_ends(tokens: TokenIssuer) -> None:
    assert os.environ.get("ENVIRONMENT") != "production"
    assert tokens.token("anna") != tokens.token("bruno")
