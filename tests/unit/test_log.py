"""What is left of uvicorn's word that the start failed."""

import logging
import traceback

import pytest

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
