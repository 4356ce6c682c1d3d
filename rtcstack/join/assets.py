"""Stylesheet and scripts of the page."""

from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from rtcstack.api.static_files import StaticFiles

CLIENT = "vendor/livekit-client.js"
FILES = StaticFiles(Path(__file__).parent / "static", "/join/-")


@get("/join/-/{version:str}/{name:path}")
async def join_file(
    request: Request[Any, Any, Any], version: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """No room's id begins with `-`. Raises `NotFound`."""
    return FILES.answer(request, version, str(name))
