"""Doors of partners' reports: money received, the report of a period, its verification, claims."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel
from starlette.responses import Response

from services.payments import archive
from services.payments.partner_reports import actions, packages, verification
from services.payments.partner_reports.actions import Draft, FundingLine
from services.payments.partner_reports.packages import PackageWanted
from services.payments.partner_reports.verification import VerdictLine
from services.payments.signatures.messages import office_command
from shared.auth import Role
from shared.bulk import OnError, lines_schema, read_lines, settle
from shared.contracts.base import RegistrationNumber
from shared.contracts.payments import SpentOnType
from shared.web import Command, Cursor, Query, Web, command, query

router = APIRouter(tags=["partner reports"])

OFFICER = (Role.PAYMENT_OFFICER,)
STATE_OFFICER = (Role.STATE_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.STATE_OFFICER, Role.AUDITOR)
STATE_READERS = (Role.STATE_OFFICER, Role.AUDITOR)
PAGE_MAX = 1_000
ReportState = Literal["submitted", "verified"]


class PeriodWanted(BaseModel):
    """The period of a report: a month (2021-10), a quarter (2021-Q4) or a semester (2021-1)."""

    period: str


class DraftShown(BaseModel):
    """A report as it would be submitted now; sums are euro cents."""

    partner: str
    period: str
    first_day: date
    last_day: date
    opening_cents: int
    received_cents: int
    spent_cents: int
    closing_cents: int
    lines: int
    evidence_count: int
    spent: list[SpentOnType]
    report_id: str | None = None

    @classmethod
    def of(cls, draft: Draft, report_id: str | None = None) -> "DraftShown":
        """A draft as it is shown, with its id once it is submitted."""
        return cls(
            partner=draft.partner,
            period=draft.period.name,
            first_day=draft.period.first_day,
            last_day=draft.period.last_day,
            **actions.sums_of(draft.balance),
            lines=len(draft.lines),
            evidence_count=draft.evidence,
            spent=list(draft.spent),
            report_id=report_id,
        )


class ReportShown(BaseModel):
    """A report as submitted, and how far the state is with it."""

    report_id: str
    version: int
    partner: str
    municipality_id: str
    period: str
    state: str
    first_day: date
    last_day: date
    opening_cents: int
    received_cents: int
    spent_cents: int
    closing_cents: int
    lines: int
    evidence: int
    submitted_by: str
    submitted_at: datetime
    verified_by: str | None
    verified_at: datetime | None


class ReportsShown(BaseModel):
    """The newest reports."""

    reports: list[ReportShown]


class ReportLineShown(BaseModel):
    """A line of a report: an order paid, or an opposite line; no person is named."""

    line_no: int
    order_id: str
    kind: str
    ref: str
    support_type: str
    month: str
    plan_code: str | None
    project_id: str | None
    service_date: date
    booked_on: date
    cents: int
    esf_cents: int
    state_cents: int
    evidence_kind: str | None
    decision: str | None
    accepted_cents: int | None
    reason_code: str | None
    decided_by: str | None
    package_id: str | None


class LinesShown(BaseModel):
    """A page of lines; `next` is the `after` of the next page."""

    lines: list[ReportLineShown]
    next: int | None


class VerifiedShown(BaseModel):
    """What of a report counts."""

    report_id: str
    accepted_cents: int
    lines_accepted: int
    lines_reduced: int
    lines_rejected: int


class PackageShown(BaseModel):
    """A claim package; `more` says that lines are left for another one."""

    package_id: str
    last_day: date
    lines: int
    cents: int
    esf_cents: int
    state_cents: int
    made_by: str
    sha256: str
    made_at: datetime
    more: bool | None = None


class PackagesShown(BaseModel):
    """All claim packages, the newest first."""

    packages: list[PackageShown]


@router.post("/offices/{partner}/fundings", openapi_extra=lines_schema(FundingLine))
async def enter_fundings(
    partner: RegistrationNumber,
    request: Request,
    order: Annotated[Command, command(*STATE_OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Enter what the state paid a partner, or got back."""
    lines, bad = await read_lines(request, FundingLine)
    answers = await actions.enter_fundings(
        order.session, partner, lines, by=order.person, now=order.now
    )
    return await order.answer(settle([*answers, *bad], on_error))


@router.get("/offices/{partner}/partner-reports/{period}/draft")
async def draft_report(
    partner: RegistrationNumber, period: str, asked: Annotated[Query, query(*READERS)]
) -> DraftShown:
    """The report of a period as it would be submitted now; it changes nothing."""
    return DraftShown.of(await actions.drafted(asked.session, partner, period, by=asked.person))


@router.post("/offices/{partner}/partner-reports", status_code=201)
async def submit_report(
    partner: RegistrationNumber,
    wanted: PeriodWanted,
    order: Annotated[Command, office_command(*OFFICER)],
) -> Response:
    """Submit the report of a period that is over; its lines never change afterwards."""
    report_id, draft = await actions.submit(
        order.session, partner, wanted.period, by=order.person, now=order.now
    )
    return await order.answer(DraftShown.of(draft, report_id), 201)


@router.get("/partner-reports")
async def list_reports(
    asked: Annotated[Query, query(*READERS)],
    partner: Annotated[RegistrationNumber | None, Asked()] = None,
    state: Annotated[ReportState | None, Asked()] = None,
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> ReportsShown:
    """The newest reports: an office names itself as partner, the state may ask for all."""
    rows = await actions.reports_of(
        asked.session, partner=partner, state=state, limit=limit, by=asked.person
    )
    return ReportsShown(reports=[ReportShown.model_validate(dict(row)) for row in rows])


@router.get("/partner-reports/{report_id}")
async def show_report(report_id: str, asked: Annotated[Query, query(*READERS)]) -> ReportShown:
    """One report."""
    return ReportShown.model_validate(
        dict(await actions.report(asked.session, report_id, by=asked.person))
    )


@router.get("/partner-reports/{report_id}/lines")
async def show_lines(
    report_id: str,
    asked: Annotated[Query, query(*READERS)],
    after: Annotated[Cursor, Asked()] = 0,
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> LinesShown:
    """Lines of a report, page by page."""
    rows = await actions.lines_of(
        asked.session, report_id, by=asked.person, after=after, limit=limit
    )
    shown = [ReportLineShown.model_validate(dict(row)) for row in rows]
    return LinesShown(lines=shown, next=shown[-1].line_no if len(shown) == limit else None)


@router.post("/partner-reports/{report_id}/verdicts", openapi_extra=lines_schema(VerdictLine))
async def decide_lines(
    report_id: str,
    request: Request,
    order: Annotated[Command, command(*STATE_OFFICER)],
    on_error: Annotated[OnError, Asked()] = OnError.SKIP,
) -> Response:
    """Say of lines whether they count: accepted, reduced or rejected with a reason."""
    lines, bad = await read_lines(request, VerdictLine)
    answers = await verification.decide_lines(
        order.session, report_id, lines, by=order.person, now=order.now
    )
    return await order.answer(settle([*answers, *bad], on_error))


@router.post("/partner-reports/{report_id}/verification")
async def verify_report(
    report_id: str, order: Annotated[Command, command(*STATE_OFFICER)]
) -> Response:
    """Close the look at a report; every line has to be decided."""
    fact = await verification.verify_report(
        order.session, report_id, by=order.person, now=order.now
    )
    return await order.answer(VerifiedShown.model_validate(fact.model_dump()))


@router.post("/claim-packages", status_code=201)
async def make_package(
    wanted: PackageWanted, order: Annotated[Command, command(*STATE_OFFICER)]
) -> Response:
    """Put verified lines into a claim package for the managing authority."""
    made = await packages.make_package(order.session, wanted, by=order.person, now=order.now)
    shown = PackageShown(**made.package._asdict(), more=made.more)
    return await order.answer(shown, 201)


@router.get("/claim-packages")
async def list_packages(asked: Annotated[Query, query(*STATE_READERS)]) -> PackagesShown:
    """All claim packages."""
    rows = await packages.packages(asked.session, by=asked.person)
    return PackagesShown(packages=[PackageShown(**row._asdict()) for row in rows])


@router.get("/claim-packages/{package_id}/archive", response_class=Response)
async def download_package(
    package_id: str, request: Request, asked: Annotated[Query, query(*STATE_READERS)]
) -> Response:
    """The package as a signed ZIP archive: lines, documents, sums, a hash of each file."""
    web: Web = request.app.state.web
    row, content = await packages.package(asked.session, package_id, web.settings, by=asked.person)
    headers = {
        "Content-Disposition": f'attachment; filename="claim-package-{package_id}.zip"',
        "Manifest-SHA256": row.sha256,
    }
    return Response(content, media_type=archive.MEDIA_TYPE, headers=headers)
