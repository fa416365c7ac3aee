"""The protocol of a committee as text in Latvian, ready to sign; a draft before the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.ngo_grants.domain import Call
from services.ngo_grants.ranking_view import RankingView, ReasonView, RowView

_LINE = "-" * 60
_SIGN = "_" * 30
OUTCOME_WORDS: Mapping[str, str] = {
    "approved": "APSTIPRINĀTS",
    "reserve": "REZERVES SARAKSTĀ",
    "rejected": "NORAIDĪTS",
    "not_scored": "NAV VĒRTĒTS",
}


@dataclass(frozen=True, slots=True)
class Signatory:
    """A member who signs: name, day of the declaration, applications they kept out of."""

    name: str
    declared_on: date | None
    kept_out_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedEarlier:
    """An application refused before the marks, with its reasons."""

    application_id: str
    applicant: str
    reasons: tuple[ReasonView, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """What the protocol is about besides the ranking."""

    municipality: str
    decided_on: date | None
    late_reason: str | None
    remarks: str | None
    comments: Mapping[str, str]
    members: Sequence[Signatory]
    refused: Sequence[RefusedEarlier]


def render(call: Call, ranking: RankingView, matter: Matter) -> str:
    """The whole text."""
    parts = [
        _head(call, matter),
        _committee(matter),
        _scores(ranking),
        _reasons(ranking, matter),
        _signatures(matter),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _day(day: date | None) -> str:
    """A date as it is written in Latvian."""
    return f"{day.day:02d}.{day.month:02d}.{day.year}." if day else "—"


def _head(call: Call, matter: Matter) -> list[str]:
    """What call, which rules, whether it is decided."""
    state = (
        f"Lēmums pieņemts {_day(matter.decided_on)}"
        if matter.decided_on
        else "PROJEKTS: lēmums vēl nav pieņemts"
    )
    late = [f"Lēmuma termiņa pārsniegšanas iemesls: {matter.late_reason}"]
    return [
        "VĒRTĒŠANAS KOMISIJAS PROTOKOLS",
        f"Jauniešu iniciatīvu projektu konkurss {call.call_id}",
        f"Pašvaldība: {matter.municipality} ({call.municipality_id})",
        f"Nolikuma redakcija: {call.nolikum_version}",
        f"Pieteikumu iesniegšana: {_day(call.opens_on)} – {_day(call.closes_on)}",
        f"Lēmuma termiņš: {_day(call.decide_by)}",
        f"Kvota: {call.quota}; kvorums: {call.rules.quorum}",
        state,
        *(late if matter.late_reason else []),
    ]


def _committee(matter: Matter) -> list[str]:
    """Members, declarations, and who kept out of what."""
    lines = ["1. Komisija un interešu deklarācijas"]
    for member in matter.members:
        declared = (
            f"deklarācija {_day(member.declared_on)}"
            if member.declared_on
            else "deklarācija nav iesniegta"
        )
        lines.append(f"   {member.name}: {declared}")
        lines += [f"      nepiedalījās: {one}" for one in member.kept_out_of]
    return lines


def _scores(ranking: RankingView) -> list[str]:
    """The ranking with its lines drawn."""
    lines = ["2. Vērtējums"]
    for at, row in enumerate(ranking.rows, start=1):
        lines += _row(row)
        if at == ranking.lines.rows_above_quota_line:
            lines.append(f"   {_LINE} kvotas robeža")
        if at == ranking.lines.rows_above_threshold_line:
            lines.append(f"   {_LINE} minimālo prasību robeža")
    return lines


def _row(row: RowView) -> list[str]:
    """One application: place, points, outcome, tie."""
    place = f"{row.place}." if row.place else "–"
    word = OUTCOME_WORDS[row.proposed_outcome]
    points = row.total_points or "—"
    criteria = "; ".join(f"{code}: {mean}" for code, mean in row.criteria_points.items())
    lines = [
        f"   {place} {row.applicant}, „{row.title}” ({row.application_id})",
        f"      {points} punkti, vērtētāji: {row.evaluators}; {word}",
        f"      {criteria}",
    ]
    return lines + ([f"      {row.tie_lv}"] if row.tie_lv else [])


def _reasons(ranking: RankingView, matter: Matter) -> list[str]:
    """The decision in writing: reasons of each rejection, comments, remarks."""
    lines = ["3. Lēmuma pamatojums"]
    for refused in matter.refused:
        lines.append(f"   {refused.applicant} ({refused.application_id}): NORAIDĪTS")
        lines += [f"      {reason.lv}" for reason in refused.reasons]
    for row in ranking.rows:
        comment = matter.comments.get(row.application_id)
        if row.reasons or comment:
            word = OUTCOME_WORDS[row.proposed_outcome]
            lines.append(f"   {row.applicant} ({row.application_id}): {word}")
        lines += [f"      {reason.lv}" for reason in row.reasons]
        lines += [f"      {comment}"] if comment else []
    return lines + ([f"   {matter.remarks}"] if matter.remarks else [])


def _signatures(matter: Matter) -> list[str]:
    """A place to sign for each member."""
    return [
        "4. Paraksti",
        *(f"   {member.name}  {_SIGN}" for member in matter.members),
    ]
