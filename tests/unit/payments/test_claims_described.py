"""What the door of claims says of itself."""

from services.payments.app import SERVICE


def test_the_door_of_claims_describes_the_fields_of_each_kind_of_evidence() -> None:
    routes = [route for router in SERVICE.routers for route in router.routes]
    (claims,) = [route for route in routes if getattr(route, "path", "") == "/claims"]
    said = getattr(claims, "description", "")
    assert "| public_transport | ticket | issuer, number, date, from, to |" in said
    assert "| meals | voucher | number |" in said
    assert "| preparation | preparation | nothing more |" in said
