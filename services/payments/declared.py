"""What a sender declares of a batch, count and sum: compared, never corrected in silence."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.errors import Refused


class DeclaredDiffers(Refused):
    """Count or sum declared is not that of the batch; nothing was kept. Correct what is wrong."""

    code = "declared-differs"


class Declared(BaseModel):
    """How many lines a sender counts, and what they add up to in cents; either may be left out."""

    model_config = ConfigDict(frozen=True)

    declared_count: int | None = None
    declared_cents: int | None = None

    def must_be(self, cents: Sequence[int]) -> None:
        """Raise DeclaredDiffers, showing the difference, where the lines come to something else.

        `cents` are those of the lines; of a line that cannot be read they are 0.
        """
        differences: dict[str, Any] = {}
        for name, told, found in (
            ("count", self.declared_count, len(cents)),
            ("cents", self.declared_cents, sum(cents)),
        ):
            if told is not None and told != found:
                differences[f"declared_{name}"] = told
                differences[f"found_{name}"] = found
                differences[f"difference_{name}"] = found - told
        if differences:
            latvian = "Norādītais skaits vai summa neatbilst rindām; nekas nav pieņemts."
            raise DeclaredDiffers(message_lv=latvian, **differences)


NOTHING = Declared()
