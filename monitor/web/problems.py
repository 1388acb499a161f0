"""Errors for programs: problem+json, as RFC 9457 has it."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, title: str, detail: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """An error with its status, what is wrong, and what to do about it."""
    said = {
        "type": "about:blank",
        "status": status,
        "title": title or HTTPStatus(status).phrase,
        **({"detail": detail} if detail else {}),
        **more,
    }
    return Response(json.dumps(said, ensure_ascii=False), status, headers, MEDIA_TYPE)
