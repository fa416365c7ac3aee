"""Cut a batch into waves: few calls of the handlers, and every key in its own order.

Facts of different keys commute, facts of one key do not. Wave n holds for every key its n-th
run of one type, so approve, suspend, approve of one plan are three waves, and a thousand plans
approved once are one call.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.base import Fact, Received

Wave = Mapping[type[Fact], Sequence[Received[Any]]]
"""Facts by type; each type is handed to its handler once."""


def waves(told: Sequence[Received[Any]]) -> list[Wave]:
    """The waves of a batch, in order; inside a wave facts keep the order of the batch."""
    types = {type(received.fact) for received in told}
    if len(types) == 1:
        return [{types.pop(): told}]
    found: list[dict[type[Fact], list[Received[Any]]]] = []
    last: dict[str, tuple[type[Fact], int]] = {}
    for received in told:
        kind, key = type(received.fact), received.fact.key
        before = last.get(key)
        wave = 0 if before is None else before[1] + (before[0] is not kind)
        last[key] = (kind, wave)
        if wave == len(found):
            found.append({})
        found[wave].setdefault(kind, []).append(received)
    return list(found)
