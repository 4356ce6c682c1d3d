"""Structured logs, one JSON object (or one readable line) an event, on standard error (docs/operations/logs.md).

Secrets are kept out twice: settings hold them as `SecretStr`, and any key that sounds like one is blanked here.
"""

import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import Any, Literal

# structlog takes rich along, to draw tracebacks, wherever it is installed: 5 MB of each process. Ours are plain.
_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment] # "not there", by the import system's documentation
import structlog  # noqa: E402 - after the lines above

if _rich is None:
    del sys.modules["rich"]
else:
    sys.modules["rich"] = _rich

_SECRET_KEY = re.compile(r"secret|password|token|authorization|signature|access_key|api_key", re.IGNORECASE)
_OUR_ERRORS = "rtcstack.errors."

Logger = structlog.stdlib.BoundLogger

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))
"""What the work at hand is about, by the names that all lines have for it: request_id, tenant, room_id, recording_id, egress_id…"""


_of_process: dict[str, str] = {}
"""The same for the whole process, threads that libraries start among it."""


@contextmanager
def about(**ids: str | None) -> Iterator[None]:
    """Let every line inside say what it is about; what is None or empty is left out."""
    token = begin(**ids)
    try:
        yield
    finally:
        end(token)


def begin(**ids: str | None) -> Token[Mapping[str, str]]:
    """Do the same until `end` is called with what this returns."""
    return _about.set({**_about.get(), **{name: value for name, value in ids.items() if value}})


def begin_anew(**ids: str) -> Token[Mapping[str, str]]:
    """Do the same, and forget what the task at hand has inherited."""
    return _about.set(ids)


def note(**ids: str | None) -> None:
    """Do the same for the rest of what was begun before."""
    begin(**ids)


def end(token: Token[Mapping[str, str]]) -> None:
    _about.reset(token)


def note_process(**ids: str) -> None:
    """Let every line of this process say what it is about: it does this one thing and ends."""
    _of_process.update((name, value) for name, value in ids.items() if value)


def current(name: str) -> str:
    """Return the id of that name which lines say now; empty if there is none."""
    return _about.get().get(name, "")


def _say_what_about(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What a line says itself goes before."""
    for name, value in (*_about.get().items(), *_of_process.items()):
        event.setdefault(name, value)
    return event


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if _SECRET_KEY.search(key):
            event[key] = "***"
    return event


def _is_news(record: logging.LogRecord) -> bool:
    """LiveKit's client warns when what a closed room held is let go of once more; that is how it ends each time."""
    return "Attempted to drop unknown FFI handle" not in record.getMessage()


def _without_traceback(record: logging.LogRecord) -> bool:
    """Shorten what uvicorn logs when the start fails: of one error of our own its message says what to do.

    Litestar hands the traceback over as text, drawn as a group of exceptions with lines at its side.
    """
    text = record.getMessage()
    if record.name == "uvicorn.error" and "Traceback (" in text and "sub-exceptions)" not in text:
        last = [line for line in text.splitlines() if line.strip(" |+-")][-1].lstrip(" |")
        if last.startswith(_OUR_ERRORS):
            record.msg, record.args = last.removeprefix(_OUR_ERRORS), None
    return True


def configure(level: str = "info", style: Literal["json", "console"] = "json", *, part: str = "") -> None:
    """Send everything, the standard library's loggers included, through one processor chain."""
    shared: list[Any] = [
        _say_what_about,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_is_news)
    handler.addFilter(_without_traceback)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    _of_process.clear()
    note_process(part=part)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("livekit", "uvicorn.access", "asyncio", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get(name: str) -> Logger:
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger
