"""The recipes for real platforms agree with the house: services, topics, rights, metrics.

They are read, not run: no container engine and no cluster was at hand.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.kafka.rights import Right, rights, users
from deploy.kafka.topics import kept_how, names
from deploy.local.processes import ROOT
from deploy.local.system import SERVICES
from shared.contracts.base import Cleanup
from shared.contracts.catalogue import TOPICS
from shared.metrics import REGISTRY

DEPLOY = ROOT / "deploy"
OFFICE = "40900012345"
METRIC = re.compile(r"\bpumpurs_[a-z_]+")
SUFFIX = re.compile(r"_(total|bucket)$")


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def test_compose_runs_every_service_after_its_migration_and_the_topics() -> None:
    containers = _yaml(DEPLOY / "compose.yaml")["services"]
    for service in SERVICES:
        container = containers[service]
        assert container["build"]["args"]["SERVICE"] == service
        assert container["environment"]["KAFKA_BOOTSTRAP"] == "kafka:9092"
        assert container["environment"]["DATABASE_URL"].endswith(f"@postgres/{service}")
        assert set(container["depends_on"]) == {"topics", f"{service}-migrate"}
        assert containers[f"{service}-migrate"]["command"] == ["migrate"]


def test_compose_listens_on_this_machine_only_and_on_different_ports() -> None:
    containers = _yaml(DEPLOY / "compose.yaml")["services"]
    ports = [port for container in containers.values() for port in container.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert len({port.split(":")[1] for port in ports}) == len(ports)


def test_every_service_has_a_database_of_its_own_in_the_recipe() -> None:
    text = (DEPLOY / "postgres" / "databases.sql").read_text()
    for service in SERVICES:
        assert f"CREATE DATABASE {service} OWNER {service};" in text
        assert f"REVOKE CONNECT ON DATABASE {service} FROM PUBLIC;" in text


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_chart_made_of_the_one_all_share(service: str) -> None:
    chart = DEPLOY / "helm" / service.replace("_", "-")
    dependency = _yaml(chart / "Chart.yaml")["dependencies"][0]
    assert dependency["name"] == _yaml(DEPLOY / "helm" / "house" / "Chart.yaml")["name"]
    assert _yaml(chart / "values.yaml")["kafka"]["user"] in users(TOPICS.values(), [])
    used = _values_used(DEPLOY / "helm" / "house" / "templates")
    given = _yaml(chart / "values.yaml")
    for path in used:
        found = given
        for key in path.split("."):
            assert key in found, f"the charts ask for {path}, {service} does not give it"
            found = found[key]


def _values_used(templates: Path) -> set[str]:
    text = "".join(path.read_text() for path in templates.iterdir())
    return set(re.findall(r"\.Values\.([a-zA-Z.]+)", text))


def test_who_hears_a_topic_may_read_it_and_nobody_else() -> None:
    granted = rights(TOPICS.values(), [OFFICE])
    readers = {right.user for right in granted if right.name == "plans.plans.v1"} - {"plans"}
    assert readers == {"identification", "payments", "reporting"}
    assert Right("plans", "topic", "plans.plans.v1", "write") in granted


def test_an_office_has_three_rights_and_the_nation_reads_no_pupils() -> None:
    granted = rights(TOPICS.values(), [OFFICE])
    office = {(right.operation, right.name) for right in granted if right.user.endswith(OFFICE)}
    assert office == {
        ("read", f"payment-office.{OFFICE}.orders.v1"),
        ("write", f"payment-office.{OFFICE}.reports.v1"),
        ("read", f"payment-office.{OFFICE}."),
    }
    nation = {right.name for right in granted if right.user == "reporting-national"}
    assert nation == {"reporting.aggregates.v1", "identification.registers.v1", "reporting."}


def test_topics_are_kept_as_the_catalogue_says() -> None:
    found = names(TOPICS.values(), [OFFICE, "40900054321"])
    assert len(found) == len(TOPICS) + sum(topic.is_pattern for topic in TOPICS.values())
    for topic in found.values():
        kept = kept_how(topic, replicas=3)
        assert kept["min.insync.replicas"] == "2"
        assert ("retention.ms" in kept) is (topic.cleanup is Cleanup.DELETE)
        by_broker = kept.get("message.timestamp.type") == "LogAppendTime"
        assert by_broker is (topic.owner == "office"), "who writes from outside dates nothing"


def test_dashboard_and_alerts_name_metrics_that_exist_and_miss_none() -> None:
    there = {metric.name for metric in REGISTRY.collect()}
    board = json.loads((DEPLOY / "observability" / "board.json").read_text())
    shown = _metrics(" ".join(panel["targets"][0]["expr"] for panel in board["panels"]))
    rules = _yaml(DEPLOY / "observability" / "alerts.yaml")["groups"][0]["rules"]
    watched = _metrics(" ".join(rule["expr"] for rule in rules))
    assert shown == there
    assert watched <= there


def _metrics(expressions: str) -> set[str]:
    return {SUFFIX.sub("", name) for name in METRIC.findall(expressions)}
