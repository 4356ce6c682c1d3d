import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.adapters.crypto.sealer import AesGcmSealer
from rtcstack.errors import Internal


@given(st.text())
def test_what_was_sealed_opens_at_its_place(plaintext: str) -> None:
    sealer = AesGcmSealer("key")
    assert sealer.open(sealer.seal(plaintext, "t|c|1"), "t|c|1") == plaintext


def test_it_does_not_open_elsewhere_or_with_another_key_or_changed() -> None:
    sealed = AesGcmSealer("key").seal("secret", "t|c|1")
    for sealer, text, context in (
        (AesGcmSealer("key"), sealed, "t|c|2"),
        (AesGcmSealer("other"), sealed, "t|c|1"),
        (AesGcmSealer("key"), sealed[:-2] + ("AA" if sealed[-2:] != "AA" else "BB"), "t|c|1"),
        (AesGcmSealer("key"), "nonsense", "t|c|1"),
    ):
        with pytest.raises(Internal) as caught:
            sealer.open(text, context)
        assert caught.value.word == "seal_broken"


def test_sealing_twice_gives_two_texts_and_neither_shows_the_secret() -> None:
    sealer = AesGcmSealer("key")
    first, second = sealer.seal("CANARY", "x"), sealer.seal("CANARY", "x")
    assert first != second
    assert "CANARY" not in first + second
