"""The facts about projects, as they are told."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.ngo_grants.application_rules import Application
from shared.contracts.base import Fact
from shared.contracts.ngo_grants import InstalmentDue


def told_due(application: Application, due: Sequence[Mapping[str, Any]]) -> list[Fact]:
    """The facts that instalments are due."""
    return [
        InstalmentDue(
            **about(application),
            project_id=application.application_id,
            instalment_no=row["number"],
            payee_ref=application.registration_number,
            cents=row["cents"],
            due_on=row["due_on"],
        )
        for row in due
    ]


def about(application: Application) -> dict[str, Any]:
    """What every fact about a project carries."""
    return {
        "project_key": application.application_id,
        "call_id": application.call_id,
        "partner": application.municipality_id,
        "municipality_id": application.municipality_id,
        "version": application.version,
    }
