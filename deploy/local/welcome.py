"""What a newcomer is told once everything runs: addresses, sign-ins, three things to try."""

from deploy.demo.people import SIGN_INS
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
        "Sign-ins for practice (anybody gets a token here, rights come from grants):",
        *(f"  {subject:<28}{about}" for subject, about in SIGN_INS),
        "",
        "Three things to try in another window:",
        *(f"  # {why}\n  {line}" for why, line in things_to_try(system)),
        "",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def things_to_try(system: LocalSystem) -> list[tuple[str, str]]:
    """What each shows, and a line for the shell."""
    head, _ = SIGN_INS[1]
    return [
        (
            "who a head of school is, and what is granted",
            _ask(system, head, "identification", "me"),
        ),
        (
            "the ceiling payments goes by, with its dates and its source",
            _ask(system, FIRST_PERSON, "payments", "parameters?name=monthly_cap_eur"),
        ),
        ("a refusal, with the code programs go by", f"curl -s {system.urls['plans']}/waiting"),
    ]


def _ask(system: LocalSystem, subject: str, service: str, path: str) -> str:
    """A line for the shell that asks a service as somebody."""
    token = f"$(curl -s '{system.issuer_url}/token.txt?subject={subject}')"
    return f"curl -s -H \"Authorization: Bearer {token}\" '{system.urls[service]}/{path}'"
