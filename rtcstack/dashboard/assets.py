"""Stylesheets, scripts and pictures of the pages."""

from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath

from rtcstack.api.static_files import StaticFiles
from rtcstack.dashboard.fields import AnyRequest

HTMX = "vendor/htmx.min.js"
FILES = StaticFiles(Path(__file__).parent / "static", "/static")


@get("/static/{version:str}/{name:path}")
async def static_file(request: AnyRequest, version: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Raises `NotFound`."""
    return FILES.answer(request, version, str(name))
