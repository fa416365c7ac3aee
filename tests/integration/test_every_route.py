"""Every route of every service declares who may use it, and refuses everybody else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from shared.auth import Role
from shared.web import CommandNeeds, Needs
from tests.doors import Doors, MakeDoors

SERVICES = ("identification", "plans", "payments", "ngo_grants", "reporting")
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
READS_WITH_A_BODY = {
    "/names",
    "/claims/what-if",
    "/orders/approvals/what-if",
    "/bank-files/what-if",
    "/bank-files/checks",
}
"""What is asked does not fit into an address, and the answer is kept beside no key: it may hold
names, or be what would happen at another moment."""


def routes_of(routes: Any) -> Iterator[tuple[APIRoute, frozenset[str]]]:
    """All routes of an application with their methods, those of included routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route, frozenset(route.methods or ())
        elif getattr(route, "original_router", None) is not None:
            yield from routes_of(route.original_router.routes)
        elif hasattr(route, "routes"):
            yield from routes_of(route.routes)


def needs_of(route: APIRoute) -> Needs | None:
    """What a route declares, or nothing."""
    for dependency in route.dependant.dependencies:
        call: object = dependency.call
        if isinstance(call, Needs):
            return call
    return None


def path_of(route: APIRoute) -> str:
    """A path with something in every hole."""
    return re.sub(r"\{[^}]+\}", "x1", route.path)


@pytest.fixture(scope="module", params=SERVICES)
async def doors(request: pytest.FixtureRequest, service_doors: MakeDoors) -> Doors:
    """The doors of each service in turn, and one person for each role."""
    opened = await service_doors(request.param)
    for role in Role:
        await opened.grant(f"a-{role}", role, "nowhere")
    return opened


async def test_every_route_declares_who_may_use_it(doors: Doors) -> None:
    routes = list(routes_of(doors.app.routes))
    assert len(routes) > 5
    for route, methods in routes:
        needs = needs_of(route)
        assert needs is not None, f"{route.path} declares nobody"
        if methods & CHANGING and route.path not in READS_WITH_A_BODY:
            assert isinstance(needs, CommandNeeds), f"{route.path} changes without a key"


@pytest.mark.feature("P21")
async def test_every_route_refuses_who_is_not_signed_in(doors: Doors) -> None:
    for route, methods in routes_of(doors.app.routes):
        for method in methods:
            answer = await doors.client.request(method, path_of(route), json={})
            refused = (answer.status_code, answer.json().get("code"))
            assert refused == (401, "not-signed-in"), (method, route.path)


@pytest.mark.feature("P21")
async def test_every_role_a_route_does_not_name_is_refused(doors: Doors) -> None:
    for route, methods in routes_of(doors.app.routes):
        needs = needs_of(route)
        if needs is None or not needs.roles:
            continue
        for role in set(Role) - set(needs.roles):
            for method in methods:
                headers = doors.headers(f"a-{role}", None, "one key")
                answer = await doors.client.request(
                    method, path_of(route), json={}, headers=headers
                )
                refused = (answer.status_code, answer.json().get("code"))
                assert refused == (403, "role-missing"), (role, method, route.path)
