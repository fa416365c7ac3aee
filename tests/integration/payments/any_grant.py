"""Grants of youth projects in any life: instalments that are due, beside everybody's months."""

from tests.integration.payments.any_life import Life
from tests.integration.payments.any_order import AnOrder
from tests.integration.payments.outbox import said
from tests.money_facts import an_instalment


class Grants:
    """Projects, one for each instalment."""

    def __init__(self, life: Life) -> None:
        self.life = life

    async def instalment(self, office: str, cents: int) -> None:
        """A part of a grant is due: it is ordered without plan, month or ceiling."""
        project_id = f"grant-{next(self.life.numbers)}"
        about = {"partner": office, "municipality_id": office, "payee_ref": "club"}
        await self.life.hear(an_instalment(project_id, 1, cents, **about))
        ((kind, fact),) = await said(self.life.payments, project_id)
        assert (kind, fact["cents"]) == ("payment-ordered", cents)
        order_id = fact["order_id"]
        self.life.add(AnOrder(order_id, office, project_id, None, cents, payee_id="club"))
