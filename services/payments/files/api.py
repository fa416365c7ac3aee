"""Doors of bank files: issued by an officer, downloaded by the office, signed by us."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Asked
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from services.payments.files import actions as bank_files
from services.payments.files.actions import FileWanted, Issued
from services.payments.signatures.actions import check_request, signed_answer
from services.payments.signatures.messages import as_sent, signed_page
from services.payments.signing import Signer
from shared.auth import Role
from shared.calendar import CalendarInstant
from shared.contracts.base import RegistrationNumber
from shared.contracts.offices import BankFileIssued
from shared.web import Command, Cursor, Query, Web, command, query

router = APIRouter(tags=["bank files"])

OFFICER = (Role.PAYMENT_OFFICER,)
READERS = (Role.PAYMENT_OFFICER, Role.AUDITOR, Role.STATE_OFFICER)
PAGE_MAX = 100


class WarningShown(BaseModel):
    """Something to know before the file is sent."""

    code: str
    message_lv: str
    message_en: str


class FileShown(BaseModel):
    """A bank file as issued; it never changes."""

    file_id: str
    partner: str
    execution_date: date
    part: int
    count: int
    cents: int
    size: int
    sha256: str
    issued_at: datetime
    warnings: list[WarningShown]

    @classmethod
    def of(cls, issued: Issued) -> "FileShown":
        """A file as it is shown."""
        file = issued.file
        return cls(
            file_id=file.file_id,
            partner=file.partner,
            execution_date=file.execution_date,
            part=file.part,
            count=file.payments,
            cents=file.cents,
            size=file.size,
            sha256=file.sha256,
            issued_at=file.issued_at,
            warnings=[
                WarningShown(code=w.code, message_lv=w.message_lv, message_en=w.message_en)
                for w in issued.warnings
            ],
        )


class FilesShown(BaseModel):
    """The files of one command."""

    files: list[FileShown]


class OfficeFiles(BaseModel):
    """A page of files as told on the office's topic.

    `next` is the `after` of the next page; `last` is what to ask after next time, for what is new.
    """

    files: list[BankFileIssued]
    last: int
    next: int | None


@router.post("/bank-files")
async def issue_bank_file(
    wanted: FileWanted, order: Annotated[Command, command(*OFFICER)]
) -> Response:
    """Put all approved orders of an office into its file of the day (more where it is large)."""
    issued = await bank_files.issue_bank_files(
        order.session, wanted, by=order.person, now=order.now
    )
    return await order.answer(FilesShown(files=[FileShown.of(file) for file in issued]), 201)


@router.get("/bank-files/{file_id}", response_class=StreamingResponse)
async def download_bank_file(
    file_id: str, request: Request, asked: Annotated[Query, query(*OFFICER)]
) -> Response:
    """The file itself, for its office; the read is logged and its orders count as sent.

    The ETag is the file's SHA-256; who has the file already (If-None-Match) gets 304.
    """
    file = await bank_files.file_of(asked.session, file_id, by=asked.person)
    sent = as_sent(request)
    person, now = asked.person, asked.now
    await check_request(asked.session, sent, file["partner"], by=person, now=now)
    tag = f'"{file["sha256"]}"'
    if request.headers.get("If-None-Match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    await bank_files.hand_over(asked.session, file, by=person, now=now)
    web: Web = request.app.state.web

    async def body() -> AsyncIterator[bytes]:
        async with web.database.transaction() as session:
            async for piece in bank_files.pieces(session, file_id):
                yield piece

    digest = bytes.fromhex(file["sha256"])
    headers = {
        "Content-Disposition": f'attachment; filename="{file_id}.xml"',
        "Content-Length": str(file["size"]),
        "ETag": tag,
        **signed_answer(Signer.of(web.settings), sent, digest, status=200, now=now),
    }
    return StreamingResponse(body(), media_type="application/xml", headers=headers)


@router.get("/offices/{partner}/bank-files", tags=["offices"], response_model=OfficeFiles)
async def office_files(
    partner: RegistrationNumber,
    request: Request,
    asked: Annotated[Query, query(*READERS)],
    since: Annotated[CalendarInstant | None, Asked()] = None,
    after: Annotated[Cursor, Asked()] = 0,
    limit: Annotated[int, Asked(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> Response:
    """Files of an office in the order they were issued, told as on its topic; signed."""
    found = await bank_files.issued_files(
        asked.session, partner, since=since, after=after, limit=limit, by=asked.person
    )
    last = found[-1][0] if found else after
    files = [file for _, file in found]
    page = OfficeFiles(files=files, last=last, next=last if len(found) == limit else None)
    return await signed_page(request, asked, partner, page)
