"""Provision Kafka from the catalogue: `python -m deploy.kafka topics --bootstrap host:port`."""

from typing import Annotated

import typer

from deploy.kafka.topics import create_topics
from shared.contracts.catalogue import TOPICS

Bootstrap = Annotated[str, typer.Option(envvar="KAFKA_BOOTSTRAP", help="host:port of a broker")]
Offices = Annotated[
    list[str] | None, typer.Option("--office", help="registration number of a payment office")
]

command = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


@command.callback()
def main() -> None:
    """Provision Kafka from the catalogue of facts and topics."""


@command.command()
def topics(
    bootstrap: Bootstrap,
    office: Offices = None,
    replicas: Annotated[int, typer.Option(help="copies of each partition")] = 1,
) -> None:
    """Create the topics that are missing and say what was done, one line a topic."""
    for outcome in create_topics(
        bootstrap, TOPICS.values(), offices=office or (), replicas=replicas
    ):
        typer.echo(f"{outcome.happened:<14} {outcome.topic}")


if __name__ == "__main__":
    command()
