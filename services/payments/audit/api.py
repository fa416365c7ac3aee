"""The door to the audit package of an order."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.payments import archive
from services.payments.audit import actions
from shared.web import Query, Web, query

router = APIRouter(tags=["audit"])


@router.get("/orders/{order_id}/audit", response_class=Response)
async def audit_package(
    order_id: str, request: Request, asked: Annotated[Query, query(*actions.READERS)]
) -> Response:
    """The whole story of a payment as a signed ZIP archive; who asks is written down."""
    web: Web = request.app.state.web
    content = await actions.audit_package(
        asked.session, order_id, web.settings, by=asked.person, now=asked.now
    )
    headers = {"Content-Disposition": f'attachment; filename="audit-{order_id}.zip"'}
    return Response(content, media_type=archive.MEDIA_TYPE, headers=headers)
