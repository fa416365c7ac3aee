"""Provision Kafka from the catalogue: `python -m deploy.kafka topics --bootstrap host:port`."""

from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka.admin import AdminClient

from deploy.kafka.access import admin_settings
from deploy.kafka.rights import create_users, grant, office_user, rights, take_back
from deploy.kafka.rights import users as users_of
from deploy.kafka.topics import create_topics, let_broker_date
from shared.contracts.catalogue import TOPICS

Bootstrap = Annotated[str, typer.Option(envvar="KAFKA_BOOTSTRAP", help="host:port of a broker")]
Offices = Annotated[
    list[str] | None, typer.Option("--office", help="registration number of a payment office")
]
User = Annotated[str, typer.Option(envvar="KAFKA_USER", help="who provisions; empty: no sign-in")]
PasswordFile = Annotated[Path | None, typer.Option(help="file with that user's password")]
Authority = Annotated[Path | None, typer.Option(help="certificate of the cluster's authority")]

command = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


@command.command()
def topics(
    bootstrap: Bootstrap,
    office: Offices = None,
    replicas: Annotated[int, typer.Option(help="copies of each partition")] = 1,
    user: User = "",
    password_file: PasswordFile = None,
    ca: Authority = None,
) -> None:
    """Create the topics that are missing and say what was done, one line a topic."""
    settings = admin_settings(bootstrap, user=user, password_file=password_file, ca=ca)
    outcomes = create_topics(settings, TOPICS.values(), offices=office or (), replicas=replicas)
    for outcome in outcomes:
        typer.echo(f"{outcome.happened:<14} {outcome.topic}")


@command.command()
def users(
    bootstrap: Bootstrap,
    secrets: Annotated[Path, typer.Option(help="folder with a file of each user's password")],
    office: Offices = None,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="give the offices named a new password")
    ] = False,
    user: User = "",
    password_file: PasswordFile = None,
    ca: Authority = None,
) -> None:
    """Create users for services and offices and grant what the catalogue gives them.

    What offices write is dated by the broker from then on, also on topics that were there before.
    """
    settings = admin_settings(bootstrap, user=user, password_file=password_file, ca=ca)
    admin = AdminClient(settings)
    offices = office or ()
    rotated = {office_user(one) for one in offices} if rotate else ()
    created = create_users(admin, users_of(TOPICS.values(), offices), secrets, rotated=rotated)
    granted = grant(admin, rights(TOPICS.values(), offices))
    let_broker_date(settings, TOPICS.values(), offices=offices)
    typer.echo(f"{created} users, {granted} rights")


@command.command()
def revoke(
    bootstrap: Bootstrap,
    office: Offices = None,
    secrets: Annotated[Path | None, typer.Option(help="folder to remove passwords from")] = None,
    user: User = "",
    password_file: PasswordFile = None,
    ca: Authority = None,
) -> None:
    """Take rights and passwords from offices; who is connected is shut out at once."""
    admin = AdminClient(admin_settings(bootstrap, user=user, password_file=password_file, ca=ca))
    gone = [office_user(one) for one in office or ()]
    taken = take_back(admin, gone, secrets)
    typer.echo(f"{len(gone)} users, {taken} rights taken")


@command.command(name="rights")
def show_rights(office: Offices = None) -> None:
    """Print who may do what, without asking a broker."""
    for right in rights(TOPICS.values(), office or ()):
        typer.echo(f"{right.user:<24} {right.operation:<6} {right.kind:<6} {right.name}")


if __name__ == "__main__":
    command()
