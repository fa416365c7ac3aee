"""What must hold beside the values of each contradiction, by the rule that settles it."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.parameters import STATE, TODAY, values
from deploy.demo.scenario import place
from deploy.demo.words import code_list

Proof = Callable[[Book, dict[str, Any]], Awaitable[tuple[bool, str]]]
SPACED_NUMBER = "8.3.4. 0/16/I/001"


async def both_counted(_book: Book, shown: dict[str, Any]) -> tuple[bool, str]:
    """Both readings are counted beside the declared values."""
    counted = {name: shown["counted"].get(name) for name in ("pupils_supported", "pupils_involved")}
    return list(counted.values()) == [106, 108], f"counted {counted}"


async def mark_kept(_book: Book, shown: dict[str, Any]) -> tuple[bool, str]:
    """The printed mark stays beside the value that was decided."""
    marks = [value["text_mark"] for value in shown["values"]]
    counted = shown["counted"].get("pupils_by_support_type")
    return set(marks) == {"-"} and counted == 0, f"printed {marks}, counted {counted}"


async def end_in_force(book: Book, _shown: dict[str, Any]) -> tuple[bool, str]:
    """One end is in force as a parameter with an approver; what lies after it is refused."""
    [kept] = await values(book, "project_end", STATE)
    refused = book.extra.get("after-the-end")
    agrees = kept["value"] == "2022-12-31" and bool(kept["approved_by"]) and refused is not None
    return agrees, f"in force: {kept['value']}; a call after it is refused as {refused}"


async def target_by_date(book: Book, _shown: dict[str, Any]) -> tuple[bool, str]:
    """Each target holds in its time; an indicator names the one of its date."""
    kept = [value["value"] for value in await values(book, "target_institutions", STATE)]
    answer = await book.doors.read(
        "reporting:/indicators", by=people.AUDITOR, at=at(TODAY, 15), period="2017-1"
    )
    used = next(one for one in answer["indicators"] if one["indicator"] == "institutions_involved")
    return kept == [614, 611, 665] and used["target"] == 614, f"2017-1 used {used['target']}"


async def both_definitions(_book: Book, shown: dict[str, Any]) -> tuple[bool, str]:
    """So far, and on that day: both are counted under their own name."""
    counted = {name: shown["counted"].get(name) for name in ("pupils_involved", "pupils_in_force")}
    return set(counted.values()) == {118}, f"counted {counted}"


async def scope_by_place(book: Book, _shown: dict[str, Any]) -> tuple[bool, str]:
    """Each place has its scope, and a claim outside it is refused for that reason."""
    found = []
    for name, spot in (("Liepāja", None), ("Rēzekne", None), ("Preiļu novads", "preili-1psk")):
        at_place = spot or people.municipality(place(name))
        found += [value["value"] for value in await values(book, "transport_scope", at_place)]
    refused = "transport-out-of-scope" in book.extra
    return found == ["intercity", "inter_municipality", "any_public_transport"] and refused, (
        f"by place {found}; a local bus in Liepāja was refused: {refused}"
    )


async def union_of_support(book: Book, shown: dict[str, Any]) -> tuple[bool, str]:
    """The national list has every compensation any page names."""
    return await _union(book, shown, "support_type")


async def union_of_providers(book: Book, shown: dict[str, Any]) -> tuple[bool, str]:
    """The national list has every provider any page names."""
    return await _union(book, shown, "provider_kind")


async def _union(book: Book, shown: dict[str, Any], name: str) -> tuple[bool, str]:
    known = await code_list(book, name)
    named = {code for value in shown["values"] for code in value["value"]}
    return named <= set(known), f"{len(named)} named, all in the list of {len(known)}"


async def preparers_by_place(book: Book, shown: dict[str, Any]) -> tuple[bool, str]:
    """Who may prepare is a parameter: a default of the state, wider where a place says so."""
    known = {*await code_list(book, "provider_kind"), *await code_list(book, "role")}
    named = {code for value in shown["values"] for code in value["value"]}
    [default] = await values(book, "plan_preparer_kinds", STATE)
    [wider] = await values(book, "plan_preparer_kinds", people.municipality(place("Liepāja")))
    agrees = named <= known and set(default["value"]) < set(wider["value"])
    return agrees, f"by default {default['value']}, in Liepāja {wider['value']}"


async def modes_of_one_type(book: Book, _shown: dict[str, Any]) -> tuple[bool, str]:
    """One support type, provided or compensated: the mode is an attribute of the measure."""
    found = set()
    for key, kind in (("D1", "accommodation"), ("P6", "public_transport")):
        plan = book.plans["2017-1", key]
        read = await book.doors.read(
            f"plans:/plans/{plan.plan_id}", by=people.AUDITOR, at=at(TODAY, 15)
        )
        for measure in read["versions"][-1]["measures"]:
            if measure["support_type"] == kind:
                found.add(measure["delivery_mode"])
    return found == {"in_kind", "compensated"}, f"modes in plans: {sorted(found)}"


async def number_normalised(book: Book, _shown: dict[str, Any]) -> tuple[bool, str]:
    """The other spelling is taken, compared without its space, and kept as it came."""
    kept = await book.doors.command(
        "identification:/parameters",
        {
            "name": "programme_number",
            "value": SPACED_NUMBER,
            "valid_from": date(2017, 11, 15).isoformat(),
            "source": "page of Daugavpils Būvniecības tehnikums, spelling with a space",
        },
        by=people.STATE_OFFICER,
        at=at(TODAY, 15),
        key="programme number",
        method="PUT",
    )
    same = kept["value"] == "".join(SPACED_NUMBER.split())
    return same and kept["text_received"] == SPACED_NUMBER, f"kept as {kept['text_received']!r}"


async def one_fund(book: Book, _shown: dict[str, Any]) -> tuple[bool, str]:
    """There is one fund; wider names are what the sources call it."""
    kept = [value["value"] for value in await values(book, "fund", STATE)]
    return kept == ["European Social Fund"], f"in force {kept}"


PROOFS: dict[str, Proof] = {
    "contra-dbt-2017-2-pupils": both_counted,
    "contra-dbt-2017-2-dash": mark_kept,
    "contra-project-end": end_in_force,
    "contra-target-institutions": target_by_date,
    "contra-liepaja-118-definition": both_definitions,
    "contra-transport-scope": scope_by_place,
    "contra-compensation-lists": union_of_support,
    "contra-provider-lists": union_of_providers,
    "contra-plan-preparer": preparers_by_place,
    "contra-support-delivery-mode": modes_of_one_type,
    "contra-programme-number": number_normalised,
    "contra-fund-name": one_fund,
}
