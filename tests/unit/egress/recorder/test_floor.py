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


def test_a_cough_does_not_take_it_from_who_speaks_on_evenly() -> None:
    floor = Floor()
    for second, speaking in enumerate((["ann"], ["ann"], ["bob", "ann"], ["ann"], ["ann"])):
        floor.hear(speaking)
        assert floor.settle(second * 3 * S) is None
        assert floor.holder == "ann"
        assert floor.is_speaking("ann")


def test_the_loudest_gets_it() -> None:
    floor = Floor()
    floor.hear(["cid", "ann", "bob"])
    floor.settle(0)
    assert floor.holder == "cid"


def test_who_speaks_at_the_same_time_does_not_change_places_with_every_syllable() -> None:
    floor = Floor()
    people = ["dora", "ann", "bob", "cid"]
    seen = []
    for speaking in (
        ["ann"],
        ["bob", "ann"],
        ["ann", "bob"],
        ["ann", "cid", "bob"],
        ["bob", "cid"],
        ["dora"],
    ):
        floor.hear(speaking)
        floor.settle(0)
        seen.append(sorted(people, key=floor.rank))
    assert seen[1:] == [
        ["ann", "bob", "dora", "cid"],
        ["ann", "bob", "dora", "cid"],
        ["ann", "cid", "bob", "dora"],
        ["ann", "cid", "bob", "dora"],
        ["ann", "dora", "cid", "bob"],
    ]


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
