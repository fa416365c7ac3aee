"""All doors of this service over HTTP, by noun."""

from services.ngo_grants import (
    admissibility_api,
    applicant_api,
    application_api,
    call_api,
    committee_api,
    decision_api,
    project_api,
)

ROUTERS = (
    call_api.router,
    applicant_api.router,
    application_api.router,
    admissibility_api.router,
    committee_api.router,
    decision_api.router,
    project_api.router,
)
