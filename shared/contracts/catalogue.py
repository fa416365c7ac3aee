"""The one list of facts and topics; schemas, examples, AsyncAPI and rights follow from it."""

from shared.contracts import (
    allocations,
    evidence,
    identification,
    ngo_grants,
    offices,
    payments,
    plans,
    pupil_months,
    reporting,
    school_days,
)
from shared.contracts.base import Fact, Topic

MODULES = (
    identification,
    school_days,
    plans,
    payments,
    allocations,
    evidence,
    pupil_months,
    offices,
    ngo_grants,
    reporting,
)


def _facts() -> dict[str, type[Fact]]:
    """All facts of the modules above that have a type of their own."""
    found = {}
    for module in MODULES:
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Fact) and "type" in vars(thing):
                found[thing.type] = thing
    return dict(sorted(found.items()))


FACTS: dict[str, type[Fact]] = _facts()
TOPICS: dict[str, Topic] = {fact.topic.name: fact.topic for fact in FACTS.values()}


def facts_of(topic: Topic) -> tuple[type[Fact], ...]:
    """The facts that travel on a topic, by type."""
    return tuple(fact for fact in FACTS.values() if fact.topic == topic)
