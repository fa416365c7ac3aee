"""What a newcomer is told once everything runs: addresses, sign-ins, three things to try."""

import importlib
from collections.abc import Sequence

from deploy.local.system import FIRST_PERSON, LocalSystem


def welcome(system: LocalSystem) -> str:
    """Several lines of plain text."""
    lines = [
        "",
        "Pumpurs is running on this machine.",
        "",
        f"  database       {system.database_kind} ({system.postgres.why})",
        f"  broker         {system.broker_kind} at {system.bootstrap} ({system.broker.why})",
        f"  sign-in        {system.issuer_url}",
        *(f"  {name:<14} {url}   (documentation at /docs)" for name, url in system.urls.items()),
        f"  logs           {system.logs}",
        "",
        "Sign-ins for practice (anybody gets a token here; rights come from grants):",
        *(f"  {subject:<28}{about}" for subject, about in _people()),
        "",
        "Three things to try in another window:",
        *(f"  # {why}\n  {line}" for why, line in things_to_try(system)),
        "",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def things_to_try(system: LocalSystem) -> list[tuple[str, str]]:
    """What each shows, and a line for the shell."""
    token = f"curl -s '{system.issuer_url}/token.txt?subject={FIRST_PERSON}'"
    sign_in = f'-H "Authorization: Bearer $({token})"'
    return [
        (
            "who the first officer is, and what is granted",
            f"curl -s {sign_in} {system.urls['identification']}/me",
        ),
        (
            "the figures payments goes by, each with its dates",
            f"curl -s {sign_in} {system.urls['payments']}/parameters",
        ),
        ("a refusal, with the code programs go by", f"curl -s {system.urls['plans']}/waiting"),
    ]


def _people() -> Sequence[tuple[str, str]]:
    """The demo's people, (subject, what they may do); the first person where there is no demo."""
    try:
        people = importlib.import_module("deploy.demo.people")
    except ModuleNotFoundError:
        return [(FIRST_PERSON, "may grant the first roles")]
    sign_ins: Sequence[tuple[str, str]] = people.SIGN_INS
    return sign_ins
