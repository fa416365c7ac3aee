"""Large requests are worked on a few at once; whoever comes later is asked to come again."""

import asyncio

import httpx
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from shared.stories import LARGE_BODIES_AT_ONCE_MAX, LARGE_BODY_BYTES, StoryMiddleware

LARGE = b"x" * (LARGE_BODY_BYTES + 1)


async def test_large_requests_beyond_the_limit_are_asked_to_come_again() -> None:
    inside, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        inside.release()
        await go_on.wait()
        await PlainTextResponse("done")(scope, receive, send)

    transport = httpx.ASGITransport(app=StoryMiddleware(slow))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        running = [
            asyncio.create_task(client.post("/", content=LARGE))
            for _ in range(LARGE_BODIES_AT_ONCE_MAX)
        ]
        for _ in running:
            await inside.acquire()
        refused = await client.post("/", content=LARGE)
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-at-once")
        assert int(refused.headers["Retry-After"]) > 0
        small = asyncio.create_task(client.post("/", content=b"small"))
        await inside.acquire()
        go_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*running, small)} == {200}
        assert (await client.post("/", content=LARGE)).status_code == 200, "there is room again"
