"""Reporting put together; which of its two levels a process runs is said by LEVEL."""

import services.reporting as package
from services.reporting import consumers, counts_api, declared_api, editions_api, jobs, tables_api
from services.reporting.owned_parameters import PARAMETERS
from services.reporting.settings import ReportingLevel, Settings, level_of_process
from services.reporting.store import METADATA
from services.reporting.upkeep import UPKEEP
from services.reporting.vocabulary import CODE_LISTS
from shared.service import Service


def service(level: ReportingLevel) -> Service:
    """The service as it runs at a level; the national one hears aggregates and registers only."""
    municipal = consumers.MUNICIPAL if level.counts else ()
    national = consumers.NATIONAL if level.publishes else ()
    return Service(
        name="reporting",
        about=package.__doc__ or "",
        settings=Settings,
        metadata=METADATA,
        routers=(
            counts_api.router,
            editions_api.router,
            tables_api.router,
            declared_api.router,
        ),
        consumers=(*municipal, *national),
        jobs=jobs.MUNICIPAL if level.counts else (),
        parameters=PARAMETERS,
        code_lists=CODE_LISTS,
        upkeep=UPKEEP,
    )


SERVICE = service(level_of_process())
