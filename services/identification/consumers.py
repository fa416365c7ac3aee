"""What identification hears: whether a named pupil has a plan, and where the plan stands."""

from services.identification.needs import PLAN_STATES, hear_plans
from shared.bus.consume import Consumer
from shared.contracts.plans import PLANS, PlanFact

PLANS_CONSUMER = Consumer(
    name="plans",
    topics=(PLANS,),
    handles={fact: hear_plans for fact in PlanFact.__subclasses__() if fact.type in PLAN_STATES},
)
