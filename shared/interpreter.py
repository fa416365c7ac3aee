"""How the interpreter is set for work that comes in batches; none of it changes what is done."""

import gc
import sys

OBJECTS_BEFORE_COLLECTING = 300_000
SECONDS_BEFORE_ANOTHER_THREAD = 0.001


def suit_batches() -> None:
    """Collect rarely, and let threads take turns soon.

    - With Python's own threshold the cycle collector goes through the live batch sixty times,
      which is half of all the time a consumer has; batches are freed by counting references.
    - A thread that decides a piece keeps the event loop waiting 5 ms by default, each time the
      server has answered.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING, 10, 10)
    sys.setswitchinterval(SECONDS_BEFORE_ANOTHER_THREAD)
