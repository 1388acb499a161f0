"""What forms send."""

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from monitor.web.guard import from_us
from monitor.web.site import site_of

_FIELDS, _BYTES = 1000, 200_000


async def form_of(request: Request) -> FormData:
    """The fields that a form of ours sent.

    Raises:
        HTTPException: 403 for what comes from elsewhere, 411 and 413 for what is (or may be) too much.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411)
    if int(length) > _BYTES:
        raise HTTPException(413)
    form = await request.form(max_files=0, max_fields=_FIELDS, max_part_size=_BYTES)
    if not from_us(request, str(form.get("form_key", "")), site_of(request).access):
        raise HTTPException(403)
    return form


def number(written: int) -> int:
    """The number of a row; one that no database gives is that of none."""
    return written if written < 2**63 else 0
