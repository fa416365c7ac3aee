"""One pupil's month: its ceiling, and what is spoken for of it here and elsewhere. Pure; cents.

What one cell of several holds of the ceiling is `cap - elsewhere`: only that can be reserved and
ordered. How it comes and goes is told in `shares.domain`.
"""

from dataclasses import dataclass

CEILING_FULL = "ceiling-full"
ROOM_AWAITED = "room-awaited"
ROOM_HANDED_OVER = "room-handed-over"
"""Why a month has no more room: it is full, other cells have not said yet what they leave of it, or
the rest went to another cell with the pupil."""
ASKING = "-"
"""What a month awaits whose own ask has not come back yet."""


@dataclass(slots=True)
class PupilMonth:
    """What one pupil may receive in one month, and what of it is spoken for.

    `row` is the number of its row; 0 while it has none. `elsewhere` is what other cells hold of the
    ceiling or have not handed over yet, `goes_to` the partner elsewhere whose cell has what is
    left, `owes_to` one that has not been answered, `awaits` the cells whose answer has not come,
    `asked` how often the month was asked for. Where one cell pays all begins and stays here.
    """

    pupil_ref: str
    month: str
    cap: int
    reserved: int = 0
    ordered: int = 0
    row: int = 0
    elsewhere: int = 0
    begun_here: bool = True
    goes_to: str | None = None
    owes_to: str | None = None
    awaits: str = ""
    asked: int = 0

    @classmethod
    def of_several_cells(cls, pupil_ref: str, month: str, cap: int) -> "PupilMonth":
        """A month nothing is known of yet: missing is neither nothing nor the ceiling."""
        return cls(pupil_ref, month, cap, elsewhere=cap, begun_here=False)

    @property
    def free(self) -> int:
        """Neither ordered nor reserved here, nor elsewhere."""
        return self.cap - self.elsewhere - self.ordered - self.reserved

    @property
    def room(self) -> int:
        """Not yet ordered, nor elsewhere; reservations included."""
        return self.cap - self.elsewhere - self.ordered

    @property
    def why_full(self) -> str:
        """Why there is no more room in it."""
        if self.awaits:
            return ROOM_AWAITED
        return CEILING_FULL if self.goes_to is None else ROOM_HANDED_OVER

    def ask(self) -> bool:
        """Ask for what other cells leave of it; False while that is being asked already."""
        if ASKING in self.awaits.split():
            return False
        self.await_(ASKING)
        self.asked += 1
        return True

    def await_(self, cell: str) -> None:
        """Wait for the answer of a cell."""
        if cell not in self.awaits.split():
            self.awaits = f"{self.awaits} {cell}".strip()

    def heard(self, cell: str) -> None:
        """The answer of a cell has come."""
        self.awaits = " ".join(one for one in self.awaits.split() if one != cell)

    def change_ceiling(self, cap: int) -> bool:
        """Follow another ceiling; False where that changes nothing.

        A lower one leaves what is spoken for. A higher one grows where the month began, and in no
        other cell, so that it grows once.
        """
        new = max(cap, self.reserved + self.ordered + self.elsewhere)
        if new == self.cap:
            return False
        if new > self.cap and not self.begun_here:
            self.elsewhere += new - self.cap
        self.cap = new
        return True
