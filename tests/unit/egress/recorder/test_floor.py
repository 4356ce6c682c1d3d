from rtcstack.egress.recorder.floor import Floor

S = 1_000_000_000


def test_nobody_has_it_until_somebody_speaks_and_then_keeps_it_through_silence() -> None:
    floor = Floor()
    assert floor.settle(0) is None
    assert floor.holder == ""
    floor.hear(["ann"])
    assert floor.settle(S) is None
    assert floor.holder == "ann"
    floor.hear([])
    floor.settle(60 * S)
    assert floor.holder == "ann"


def test_a_short_word_of_somebody_else_takes_it_only_after_two_seconds() -> None:
    floor = Floor()
    floor.hear(["ann"])
    floor.settle(10 * S)
    floor.hear(["bob"])
    assert floor.settle(11 * S) == S
    assert floor.holder == "ann"
    assert floor.settle(12 * S) is None
    assert floor.holder == "bob"


def test_who_speaks_on_keeps_it_however_loud_the_others_are() -> None:
    floor = Floor()
    floor.hear(["ann"])
    floor.settle(0)
    floor.hear(["bob", "ann"])
    assert floor.settle(60 * S) is None
    assert floor.holder == "ann"


def test_who_leaves_loses_it_at_once() -> None:
    floor = Floor()
    floor.hear(["ann"])
    floor.settle(0)
    floor.hear(["bob"])
    floor.keep(["bob"])
    floor.settle(1)
    assert floor.holder == "bob"


def test_the_rank_goes_by_who_spoke_last() -> None:
    floor = Floor()
    for second, identity in enumerate(["ann", "bob", "cid"]):
        floor.hear([identity])
        floor.settle(second * 3 * S)
    people = ["ann", "bob", "cid", "dora", "eve"]
    assert sorted(people, key=floor.rank) == ["cid", "bob", "ann", "dora", "eve"]
    assert floor.rank("dora") == floor.rank("eve")
