import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.appliance import templates


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        templates.render("redis.conf", {"port": "6380"})


def test_an_unknown_template_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"config/nothing\.yaml"):
        templates.find("nothing.yaml")


@given(st.text())
def test_redis_gets_one_word_of_printable_characters(text: str) -> None:
    quoted = templates.redis_quoted(text)
    assert quoted.isascii()
    assert quoted.isprintable()
    inner = quoted[1:-1]
    assert '"' not in inner
    assert inner.encode().decode("unicode_escape").encode("latin-1") == text.encode()


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_yaml_gets_the_text_back(text: str) -> None:
    assert json.loads(templates.yaml_quoted(text)) == text
