"""The local sign-in: an OpenID Connect issuer that believes whoever asks, so never in production.

`python -m deploy.local.issuer --port 20000 --keys folder/keys.json`
"""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI, Query
from starlette.responses import PlainTextResponse

from deploy.local.processes import LOCALHOST
from deploy.local.tokens import ALGORITHM, LIFETIME_SECONDS, TokenIssuer


class NotInProduction(RuntimeError):
    """The local issuer gives a token to anybody and must not run where ENVIRONMENT=production."""


def build(issuer: TokenIssuer) -> FastAPI:
    """The issuer's doors: discovery, keys, tokens. Raises NotInProduction."""
    if os.environ.get("ENVIRONMENT") == "production":
        raise NotInProduction(NotInProduction.__doc__)
    app = FastAPI(title="Local sign-in", docs_url=None, redoc_url=None)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        """Where everything is, in the words of OpenID Connect Discovery 1.0."""
        return _discovery(issuer.issuer)

    @app.get("/jwks.json")
    def keys() -> dict[str, Any]:
        """The public keys."""
        return issuer.keys()

    @app.api_route("/token", methods=["GET", "POST"])
    def token(
        subject: Annotated[str, Query(min_length=1, max_length=100)],
        name: Annotated[str | None, Query(max_length=100)] = None,
    ) -> dict[str, Any]:
        """A token for any subject: this is a practice machine."""
        return {
            "access_token": issuer.token(subject, name=name),
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
        }

    @app.get("/token.txt", response_class=PlainTextResponse)
    def plain_token(subject: Annotated[str, Query(min_length=1, max_length=100)]) -> str:
        """The token alone, for a shell: `-H "Authorization: Bearer $(curl -s ...)"`."""
        return issuer.token(subject)

    return app


def _discovery(address: str) -> dict[str, Any]:
    return {
        "issuer": address,
        "jwks_uri": f"{address}/jwks.json",
        "token_endpoint": f"{address}/token",
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "subject_types_supported": ["public"],
        "response_types_supported": ["token"],
    }


def main(port: Annotated[int, typer.Option()], keys: Annotated[Path, typer.Option()]) -> None:
    """Serve tokens on 127.0.0.1 until told to stop."""
    issuer = TokenIssuer.with_key_file(f"http://{LOCALHOST}:{port}", keys)
    uvicorn.run(build(issuer), host=LOCALHOST, port=port, log_level="warning")


if __name__ == "__main__":
    typer.run(main)
