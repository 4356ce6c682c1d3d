import pytest

from rtcstack.plural import counted


@pytest.mark.parametrize(("n", "told"), [(0, "0 clips"), (1, "1 clip"), (2, "2 clips")])
def test_one_of_them_is_told_as_one(n: int, told: str) -> None:
    assert counted(n, "clip") == told
