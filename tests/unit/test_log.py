"""What lines say, and what is left of uvicorn's word that the start failed."""

import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator

import pytest
import structlog

from rtcstack import log
from rtcstack.errors import Internal


def _said(error: Exception, name: str = "uvicorn.error") -> str:
    text = "".join(traceback.format_exception(_raised(error)))
    record = logging.LogRecord(name, logging.ERROR, "on.py", 1, text, None, None)
    assert log._without_traceback(record)
    return record.getMessage()


def _raised(error: Exception) -> Exception:
    """Return it with the place that it was raised at."""
    with pytest.raises(type(error)) as raised:
        raise error
    return raised.value


_MISSING = Internal("The key 1234 is missing - put it back.")


@pytest.mark.parametrize("error", [_MISSING, ExceptionGroup("of tasks", [_MISSING])])
def test_of_an_error_of_our_own_the_message_is_enough(error: Exception) -> None:
    assert _said(error) == "Internal: The key 1234 is missing - put it back."


def test_any_other_is_shown_whole() -> None:
    two = ExceptionGroup("of tasks", [ValueError("no"), Internal("no")])
    for text in (_said(ValueError("no")), _said(two), _said(Internal("no"), "rtcstack.services")):
        assert "Traceback (" in text


def test_another_error_on_top_of_ours_is_shown_whole() -> None:
    other = ValueError("no")
    other.__cause__ = _raised(Internal("first"))
    assert "first" in _said(other)
    assert "ValueError" in _said(other)


def _line(text: str) -> dict[str, object]:
    """Return the last line that was logged."""
    line: dict[str, object] = json.loads(text.strip().splitlines()[-1])
    return line


@pytest.fixture
def logging_json() -> Iterator[Callable[[], None]]:
    """Yield what has everything logged as on a server, on what is standard error by then; undone in the end."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield lambda: log.configure(part="api")
    root.handlers[:] = before
    root.setLevel(level)
    log._of_process.clear()
    structlog.reset_defaults()


def test_lines_say_what_they_are_about(
    logging_json: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    logging_json()
    logger = structlog.stdlib.get_logger("test")
    with log.about(request_id="req_1", tenant="acme", room_id=None):
        log.note(recording_id="rec_1")
        with log.about(recording_id="rec_2", egress_id="EG_1"):
            logger.info("inside")
            line = _line(capsys.readouterr().err)
            assert (line["request_id"], line["recording_id"], line["egress_id"]) == ("req_1", "rec_2", "EG_1")
            assert (line["part"], "room_id" in line) == ("api", False)
            logging.getLogger("elsewhere").warning("of a library")
            assert _line(capsys.readouterr().err)["recording_id"] == "rec_2"
        logger.info("outside", tenant="of its own")
        line = _line(capsys.readouterr().err)
        assert (line["recording_id"], line["tenant"], "egress_id" in line) == ("rec_1", "of its own", False)
    logger.info("after")
    assert not {"request_id", "recording_id"} & set(_line(capsys.readouterr().err))


def test_what_a_process_is_about_is_said_by_its_threads_too(
    logging_json: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    logging_json()
    log.note_process(egress_id="EG_1", recording_id="")
    thread = threading.Thread(target=lambda: structlog.stdlib.get_logger("test").info("from a thread"))
    thread.start()
    thread.join()
    line = _line(capsys.readouterr().err)
    assert (line["egress_id"], "recording_id" in line) == ("EG_1", False)


def test_secrets_are_blanked_wherever_they_come_from(
    logging_json: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    logging_json()
    with log.about(api_key="rtc_live_x"):
        structlog.stdlib.get_logger("test").info("said", secret_key="y")
    text = capsys.readouterr().err
    assert "rtc_live_x" not in text
    assert _line(text)["secret_key"] == "***"
