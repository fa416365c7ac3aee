"""What is measured: a function with `@benchmark` that gives figures is all there is to add.

```python
@benchmark("relay_rows_per_s")
async def relay(ground: Ground) -> list[Figure]:
    ...
    return [Figure("relay_rows_per_s", rows / seconds, "rows/s", goal=50_000)]
```
Every module of this folder is imported, so the decorator is enough.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import tests.perf
from tests.perf.ground import Ground

Benchmark = Callable[[Ground], Awaitable[Sequence["Figure"]]]


@dataclass(frozen=True)
class Figure:
    """One measured figure; `baseline` is what it is compared with, measured in the same run."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_is: str = ""
    goal: float | None = None
    less_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times better than the baseline."""
        if not self.baseline or not self.value:
            return None
        if self.less_is_better:
            return self.baseline / self.value
        return self.value / self.baseline

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.less_is_better else self.value >= self.goal


@dataclass(frozen=True)
class Registered:
    """A benchmark and the names of the figures it gives."""

    names: tuple[str, ...]
    run: Benchmark


_REGISTERED: list[Registered] = []


def benchmark(*names: str) -> Callable[[Benchmark], Benchmark]:
    """Register a function that measures the figures of these names."""

    def register(run: Benchmark) -> Benchmark:
        _REGISTERED.append(Registered(names, run))
        return run

    return register


def registered() -> list[Registered]:
    """All benchmarks of this folder, by name."""
    for module in pkgutil.iter_modules(tests.perf.__path__):
        if module.name != "__main__":
            importlib.import_module(f"tests.perf.{module.name}")
    return sorted(_REGISTERED, key=lambda one: one.names)
