"""Order numbers inside the free text of a payment; of the text itself nothing is kept. Pure."""

import re

_ORDER = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def order_mentioned(text: str) -> str:
    """The first order number in a text, or nothing."""
    if len(text) < 32:
        return ""
    found = _ORDER.search(text)
    return found[0] if found else ""
