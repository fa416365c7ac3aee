"""The rules of the house on Python code, each with the story of what it keeps away.

A rule takes one file as text and says what is wrong with it, one sentence a finding; so it can be
tried on any text, and `tests/unit/test_house.py` tries each on a text that breaks it.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40
ROLES = frozenset(
    "__init__ __main__ app settings domain store actions consumers jobs api pages offices".split()
)
PATTERN_NAMES = frozenset("helpers helper utils util common misc manager managers models".split())
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
}
WORLD = frozenset(
    (
        "aiokafka asyncio asyncpg alembic fastapi faststream httpx io jinja2 logging os pathlib "
        "random secrets socket sqlalchemy starlette structlog subprocess time"
    ).split()
)
SHARED_EDGES = ("bus", "clock", "db", "jobs", "running", "service", "web")


@dataclass(frozen=True)
class Code:
    """A Python file: its path from the root of the project and its text."""

    path: PurePosixPath
    text: str

    @classmethod
    def of(cls, path: str, text: str) -> "Code":
        """A file as a test writes it down."""
        return cls(PurePosixPath(path), text)

    @cached_property
    def tree(self) -> ast.Module:
        """The text as Python reads it."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree."""
        return list(ast.walk(self.tree))

    @property
    def top(self) -> str:
        """The first folder: services, shared, deploy or tests."""
        return self.path.parts[0]

    @property
    def service(self) -> str | None:
        """The service the file belongs to."""
        return self.path.parts[1] if self.top == "services" and len(self.path.parts) > 2 else None

    @property
    def is_migration(self) -> bool:
        """Migrations are written once, by a tool, and read by nobody."""
        return "versions" in self.path.parts

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported, also inside functions."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def calls(self) -> Iterator[tuple[int, str, str]]:
        """Line, receiver and name of every call; `clock.now()` gives ("clock", "now")."""
        for node in self.nodes:
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name):
                yield node.lineno, "", node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.lineno, _last_name(node.func.value), node.func.attr


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


Rule = Callable[[Code], Iterator[str]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Enter a rule into the list of those that are checked."""
    RULES.append(function)
    return function


@rule
def files_stay_short(code: Code) -> Iterator[str]:
    """Files named by a role grew to thousands of lines elsewhere, until nobody found anything."""
    lines = code.text.count("\n")
    if lines > FILE_LINES_MAX and not code.is_migration:
        yield f"{code.path}: {lines} lines; move the part with its own noun to a file of its own"


@rule
def functions_fit_on_a_screen(code: Code) -> Iterator[str]:
    """A function longer than a screen is read in pieces, and its rule is seen by nobody whole."""
    for node in code.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not code.is_migration:
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{code.path}:{node.lineno}: {node.name} has {lines} lines"


@rule
def public_things_say_what_they_are(code: Code) -> Iterator[str]:
    """The shape, the unit and the errors of a thing were asked in chat when no docstring said."""
    if ast.get_docstring(code.tree) is None:
        yield f"{code.path}: the module has no docstring"
    if code.top != "tests" and not code.is_migration:
        yield from (
            f"{code.path}:{node.lineno}: {node.name} has no docstring"
            for node in _public(code.tree)
            if ast.get_docstring(node) is None
        )


def _public(
    parent: ast.Module | ast.ClassDef,
) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public classes, functions and methods; not what is inside functions."""
    for node in parent.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_"):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from _public(node)


@rule
def only_the_database_edge_commits(code: Code) -> Iterator[str]:
    """An action that commits by itself makes two transactions of one, and a crash splits them."""
    if code.top not in {"services", "shared"} or str(code.path) == "shared/db.py":
        return
    in_bus = code.path.is_relative_to("shared/bus")
    for line, receiver, name in code.calls():
        # Kafka's consumers commit positions, which is another thing by the same name.
        if name == "commit" and not (in_bus and "consumer" in receiver):
            yield f"{code.path}:{line}: commits; only shared/db.py does"


@rule
def only_edges_look_at_the_clock(code: Code) -> Iterator[str]:
    """2017 is lived through today, and a fact told again must give the same result."""
    if code.top not in {"services", "shared"} or str(code.path) == "shared/clock.py":
        return
    for line, receiver, name in code.calls():
        if (receiver, name) in CLOCKS:
            yield f"{code.path}:{line}: {receiver}.{name}(); time comes in as an argument"


@rule
def only_the_bus_speaks_kafka(code: Code) -> Iterator[str]:
    """A producer in an action tells facts that a rolled back transaction never made true."""
    if code.top not in {"services", "shared"} or code.path.is_relative_to("shared/bus"):
        return
    for line, name in code.imports():
        if name.split(".")[0] in {"aiokafka", "confluent_kafka", "faststream"}:
            yield f"{code.path}:{line}: imports {name}; only shared/bus does"


@rule
def nothing_is_printed(code: Code) -> Iterator[str]:
    """What a service prints is no log line: no level, no trace, and once it was a name."""
    if code.top in {"services", "shared"}:
        for line, receiver, name in code.calls():
            if name == "print" and not receiver:
                yield f"{code.path}:{line}: prints; use the log"


@rule
def nobody_sleeps_in_a_thread(code: Code) -> Iterator[str]:
    """A sleep inside a row lock held up fifty parallel commands of a peer."""
    if code.top in {"services", "shared"}:
        for line, receiver, name in code.calls():
            if (receiver, name) == ("time", "sleep"):
                yield f"{code.path}:{line}: time.sleep stops every request of the process"


@rule
def money_is_never_a_float(code: Code) -> Iterator[str]:
    """Ten thousand times 0.10 is not 1 000 in floats; peers paid sums that were cents off."""
    if code.service != "payments" and str(code.path) != "shared/money.py":
        return
    for node in code.nodes:
        if isinstance(node, ast.Name) and node.id == "float":
            yield f"{code.path}:{node.lineno}: float"
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{code.path}:{node.lineno}: the float {node.value}"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _joins(node):
            yield f"{code.path}:{node.lineno}: true division makes a float; use // and say how"


def _joins(division: ast.BinOp) -> bool:
    """A folder / "name" is a path."""
    right = division.right
    return isinstance(right, ast.JoinedStr) or (
        isinstance(right, ast.Constant) and isinstance(right.value, str)
    )


@rule
def no_chance_in_decisions(code: Code) -> Iterator[str]:
    """A peer broke ties by a random code, and nobody could tell an applicant why."""
    if code.top == "services":
        for line, name in code.imports():
            if name.split(".")[0] in {"random", "secrets"}:
                yield f"{code.path}:{line}: imports {name}; chance decides nothing here"


@rule
def no_failure_is_swallowed(code: Code) -> Iterator[str]:
    """A handler that swallowed everything turned lost payments into silence."""
    for node in code.nodes:
        if isinstance(node, ast.ExceptHandler) and all(
            isinstance(part, ast.Pass) for part in node.body
        ):
            yield f"{code.path}:{node.lineno}: an error is passed over"


@rule
def rules_are_pure(code: Code) -> Iterator[str]:
    """A rule that needs a database or a clock to be tested is tested by nobody."""
    if code.service is None or code.path.name != "domain.py":
        return
    yield from impure_imports(code)


def impure_imports(code: Code) -> Iterator[str]:
    """What a file of rules may not import."""
    for line, name in code.imports():
        first, _, rest = name.partition(".")
        if first in WORLD or (first == "shared" and rest.split(".")[0] in SHARED_EDGES):
            yield f"{code.path}:{line}: imports {name}; rules are pure"
