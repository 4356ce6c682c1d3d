from rtcstack.services.sealing.recent import Recent


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.find("a") == 1
    recent.put("c", 3)
    assert [recent.find(key) for key in "abc"] == [1, None, 3]
    recent.put("a", 4)
    recent.put("a", 5)
    assert [recent.find(key) for key in "ac"] == [5, 3]
