"""How long each part is waited for when it is asked to stop."""

from pathlib import Path

from rtcstack.appliance.stopping import StopPlan, StopRule

_ALL = {"egress", "api", "livekit", "minio", "redis"}
_PLAN = StopPlan(
    Path("/data"), Path("/data/db"), {"egress": StopRule(again_after_s=120), "livekit": StopRule(0.1)}
)


def test_with_a_store_uploads_get_their_time() -> None:
    assert _PLAN.rule("egress") == StopRule(again_after_s=120)
    assert _PLAN.longest_s("egress", has_store=True) == 130


def test_without_a_store_uploads_are_not_waited_for_long() -> None:
    assert _PLAN.rule("egress", has_store=False) == StopRule(again_after_s=20)
    assert _PLAN.lack_of_store(_ALL - {"minio"}).startswith("minio does not run: ")
    assert _PLAN.lack_of_store({"redis"}) == ""


def test_a_shorter_time_of_the_operator_stays() -> None:
    plan = StopPlan(Path("/data"), Path("/data/db"), {"egress": StopRule(again_after_s=5)})
    assert plan.rule("egress", has_store=False) == StopRule(again_after_s=5)


def test_the_others_do_not_care_for_the_store() -> None:
    assert _PLAN.rule("livekit", has_store=False) == StopRule(again_after_s=0.1)
    assert _PLAN.rule("redis", has_store=False) == StopRule()


def test_it_travels_to_the_warden_whole() -> None:
    assert StopPlan.from_json(_PLAN.to_json()) == _PLAN
