"""The maps of 119, 43 and 42 municipalities, and who belongs where."""

from datetime import date

import pytest

from deploy.demo.municipalities import municipalities
from services.reporting.hierarchy import (
    GRIDS,
    Municipality,
    grid_of_period,
    grid_on,
    in_force_on,
    is_undivided,
    representing,
    territories,
    territory_on,
)

ENTRIES = municipalities()
REGISTER = {
    m.id: Municipality(m.id, m.name, m.name_en, m.successor, None, m.valid_from, m.valid_to)
    for m in ENTRIES.values()
}


@pytest.mark.parametrize("grid", GRIDS)
def test_a_map_has_as_many_municipalities_as_it_is_named_after(grid: str) -> None:
    assert len(in_force_on(grid, REGISTER)) == int(grid)


@pytest.mark.parametrize(
    ("name", "on_43", "on_42"),
    [
        ("Liepāja", "Liepāja", "Liepāja"),
        ("Jēkabpils", "Jēkabpils novads", "Jēkabpils novads"),
        ("Aglonas novads", "Preiļu novads", "Preiļu novads"),
        ("Varakļānu novads", "Varakļānu novads", "Madonas novads"),
        ("Cesvaines novads", "Madonas novads", "Madonas novads"),
    ],
)
def test_a_municipality_goes_where_the_reforms_put_it(name: str, on_43: str, on_42: str) -> None:
    own = ENTRIES[name].id
    assert territory_on("119", own, REGISTER) == own
    assert territory_on("43", own, REGISTER) == ENTRIES[on_43].id
    assert territory_on("42", own, REGISTER) == ENTRIES[on_42].id


def test_only_merged_municipalities_count_on_maps_of_their_own() -> None:
    merged = territories(REGISTER)
    assert ENTRIES["Liepāja"].id not in merged
    preili = ENTRIES["Preiļu novads"].id
    assert merged[ENTRIES["Aglonas novads"].id] == [("43", preili)]
    assert merged[preili] == [("43", preili)]
    madona = ENTRIES["Madonas novads"].id
    assert merged[madona] == [("43", madona), ("42", madona)]
    assert representing("119", preili, merged) == ("", preili)
    assert representing("42", preili, merged) == ("43", preili)


def test_a_later_year_on_an_older_map_cannot_be_divided() -> None:
    preili, liepaja = ENTRIES["Preiļu novads"].id, ENTRIES["Liepāja"].id
    assert is_undivided("119", "2022-1", preili, REGISTER)
    assert not is_undivided("119", "2018-1", preili, REGISTER)
    assert not is_undivided("119", "2022-1", liepaja, REGISTER)
    assert not is_undivided("43", "2022-1", preili, REGISTER)


def test_a_period_has_the_map_of_its_end() -> None:
    assert [grid_of_period(p) for p in ("2017-1", "2020", "2021-1", "all")] == [
        "119",
        "43",
        "43",
        "42",
    ]
    assert grid_on(date(2021, 6, 30)) == "119"
    assert grid_on(date(2021, 7, 1)) == "43"
