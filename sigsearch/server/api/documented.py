"""What all endpoints may answer, for the OpenAPI document, and answers as they are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter
from pydantic import AfterValidator
from starlette.responses import JSONResponse

from sigsearch.schema import Jsonable
from sigsearch.server.access import GuardedRoute
from sigsearch.server.answers import ProblemDetails

_ALWAYS = {
    400: "The request is malformed.",
    401: "No key, or one that is unknown or revoked.",
    403: "The key does not have the role for this.",
    408: "The request arrived too slowly.",
    413: "The request is too large.",
    415: "The type of the content is not accepted.",
    422: "The request cannot be answered; `code` says why.",
    429: "This key sends too many requests.",
    503: "Try again later.",
}


def problems(**more: str) -> dict[int | str, dict[str, Any]]:
    """Responses for the OpenAPI document; `more` as `not_found="..."`."""
    named = {"not_found": 404, "conflict": 409, "gone": 410}
    told = {**_ALWAYS, **{named[name]: text for name, text in more.items()}}
    body = {"application/problem+json": {"schema": _PROBLEM}}
    return {status: {"description": text, "content": body} for status, text in sorted(told.items())}


_PROBLEM = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}


class DescribedRouter(APIRouter):
    """A router whose answers are described when somebody asks for that: it takes a tenth of a
    second to make models of them, which no request needs."""

    def __init__(self, **how: Any) -> None:
        super().__init__(redirect_slashes=False, **how)
        self._how = how
        self._told: list[tuple[str, Callable[..., Any], dict[str, Any]]] = []

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **how: Any) -> None:
        self._told.append((path, endpoint, how))
        super().add_api_route(path, endpoint, **{**how, "response_model": None, "responses": None})

    def described(self) -> APIRouter:
        """The same with all that was told of the answers."""
        whole = APIRouter(redirect_slashes=False, **self._how)
        for path, endpoint, how in self._told:
            whole.add_api_route(path, endpoint, **how)
        return whole


def router() -> DescribedRouter:
    return DescribedRouter(prefix="/v1", route_class=GuardedRoute)


def told(result: Jsonable | list[Any], status: int = 200) -> JSONResponse:
    """A result as JSON."""
    return JSONResponse(result.to_dict() if isinstance(result, Jsonable) else result, status)


def _segment(raw: str) -> str:
    """A part of an address as it was meant. Raises ValueError for what is no UTF-8."""
    return unquote_to_bytes(raw).decode("utf-8")


Segment = Annotated[str, AfterValidator(_segment)]
"""A part of an address, any text, percent-encoded."""
