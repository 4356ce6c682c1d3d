"""Programs that a page says to save, run as a reader would run them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.pages import DOCS, Reader, blocks_of, files_of

_WAIT_S = 60


class Followed:
    """One page, whose files lie in a folder; `blocks` are its commands."""

    def __init__(self, page: str, folder: Path) -> None:
        text = (DOCS / page).read_text(encoding="utf-8")
        self.folder, self.blocks = folder, blocks_of(text)
        for name, content in files_of(text).items():
            (folder / name).write_text(content, encoding="utf-8")


class Running:
    """A program that goes on until the test is over; what it prints is kept."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process, self._seen = process, ""

    async def printed(self, text: str) -> str:
        """Wait for a line with that text and return it."""
        assert self._process.stdout
        try:
            async with asyncio.timeout(_WAIT_S):
                while line := (await self._process.stdout.readline()).decode():
                    self._seen += line
                    if text in line:
                        return line
        except TimeoutError:
            pass
        pytest.fail(f"no line with {text!r} within {_WAIT_S} s, but:\n{self._seen}")


@asynccontextmanager
async def running(reader: Reader, command: str, folder: Path, **variables: str) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-euc",
        f"exec {command}",
        env={**reader.environment, **variables},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Running(process)
    finally:
        process.terminate()
        await process.communicate()
