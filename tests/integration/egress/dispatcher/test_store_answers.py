"""Which answers of a store pass and which do not, from a store that gives just that answer."""

from pathlib import Path

import pytest
from aiohttp import web

from rtcstack.egress.dispatcher import store, uploader
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.settings import Settings


def _file(folder: Path) -> Path:
    file = folder / "a.mp4"
    file.write_bytes(b"x")
    return file


async def _upload_to_a_store_that_answers(status: int, code: str, settings: Settings, folder: Path) -> None:
    body = f"<Error><Code>{code}</Code><Message>no</Message><Resource>/</Resource></Error>".encode()
    await _upload_for_the_answer(status, "application/xml", body, settings, folder)


async def _upload_for_the_answer(
    status: int, content_type: str, body: bytes, settings: Settings, folder: Path
) -> None:
    file = _file(folder)

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=status, body=body, content_type=content_type)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        target = store.configured(settings.storage.model_copy(update={"host": "127.0.0.1", "port": port}))
        await uploader.upload(target, file, "a.mp4", content_type="video/mp4", metadata={}, sha256="0")
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "InternalError"),
        (502, "NobodyKnowsThisOne"),
        (503, "XMinioIAMNotInitialized"),
        (507, "XMinioStorageFull"),
        (408, "SomeTimeout"),
        (429, "TooManyRequests"),
        (400, "RequestTimeout"),
        (403, "RequestTimeTooSkewed"),
    ],
)
async def test_trouble_of_the_stores_own_may_pass(
    settings: Settings, tmp_path: Path, status: int, code: str
) -> None:
    with pytest.raises(PartUnavailable, match=code):
        await _upload_to_a_store_that_answers(status, code, settings, tmp_path)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "AccessDenied"),
        (403, "InvalidAccessKeyId"),
        (403, "SignatureDoesNotMatch"),
        (400, "InvalidArgument"),
    ],
)
async def test_a_refusal_is_final(settings: Settings, tmp_path: Path, status: int, code: str) -> None:
    with pytest.raises(PartRefused, match=code):
        await _upload_to_a_store_that_answers(status, code, settings, tmp_path)


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        pytest.param(502, "text/html", b"nicht verf\xfcgbar", id="no UTF-8"),
        pytest.param(403, "application/xml", b"<Error>\xfc</Error>", id="no UTF-8 in XML"),
        pytest.param(503, "application/xml", b"<html><br></html>", id="no XML"),
    ],
)
async def test_an_answer_that_is_none_may_pass(
    settings: Settings, tmp_path: Path, status: int, content_type: str, body: bytes
) -> None:
    """As a proxy gives it that stands before the store."""
    with pytest.raises(PartUnavailable):
        await _upload_for_the_answer(status, content_type, body, settings, tmp_path)
