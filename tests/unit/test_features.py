"""The table of rows: complete, and honest about what is proved."""

from tests.features import report, rows

COUNTS = {"I": 30, "P": 32, "M": 33, "G": 30, "S": 27, "E": 11, "D": 24, "N": 30}
ROW = {"id": "M2", "about": "payments", "row": "One ceiling"}


def test_the_table_has_every_row_once() -> None:
    ids = [row["id"] for row in rows()]
    wanted = [f"{area}{number}" for area, count in COUNTS.items() for number in range(1, count + 1)]
    assert ids == wanted
    assert all(row["row"] for row in rows())


def test_a_row_counts_only_when_its_test_passed() -> None:
    tests = {"M2": ["tests/x/test_a.py::test_ceiling[1]"]}
    assert report([ROW], tests, set())[-1] == "features: 0 of 1 rows proved"
    passed = report([ROW], tests, {"tests/x/test_a.py::test_ceiling[1]"})
    assert passed == ["M2   proved  test_a.py::test_ceiling", "features: 1 of 1 rows proved"]


def test_a_mark_that_names_no_row_is_told() -> None:
    assert "marks that name no row: M99" in report([ROW], {"M99": ["t"]}, {"t"})
