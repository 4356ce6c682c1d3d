"""The live check: the self-check of `rtcstack demo`, and what a step that failed says about the installation."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.demo.proof import EVERY_PICTURE
from rtcstack.demo.run import KEY_MADE, self_check
from rtcstack.demo.step import Outcome, Step, Watch
from rtcstack.doctor.finding import Finding, Level, Verdict, doubtful, fine, wrong
from rtcstack.doctor.registry import LIVE
from rtcstack.doctor.scene import Scene


@dataclass(frozen=True, slots=True)
class Meaning:
    """What it means that a step failed: the part that it came to, the cause, and what to do besides reading its log."""

    part: str
    cause: str
    cure: str = ""
    page: str = ""


_MEDIA = "docs/operations/tls.md"
_MEANINGS: dict[str, Meaning] = {
    "Appliance ready": Meaning("api", "the API, or a part that it needs, does not answer"),
    KEY_MADE: Meaning("api", "the settings are refused, or the database cannot be written by this user"),
    "Webhook endpoint": Meaning(
        "api",
        "the API may not deliver to where the check listens",
        "Behind a public address, allow it: RTCSTACK_WEBHOOKS__ALLOW_NETWORKS.",
        "docs/operations/hardening.md",
    ),
    "Room": Meaning("api", "LiveKit refused the room, or Redis does not answer"),
    "Participants with camera and microphone": Meaning(
        "livekit",
        "a join token was refused, or sound and picture do not get through: ports, or the address that is offered",
        "Open RTCSTACK_LIVEKIT__RTC_UDP_PORT (udp) and …__RTC_TCP_PORT (tcp); check RTCSTACK_LIVEKIT__HOST and …__NODE_IP.",
        _MEDIA,
    ),
    "Recording started": Meaning(
        "egress",
        "no Egress worker took the recording: none runs, it is full, or the clocks differ by more than 10 s",
    ),
    "Recording": Meaning("egress", "the recorder ended while people were there"),
    "Recording stopped": Meaning("egress", "LiveKit or the worker did not take the stop"),
    "egress_ended received, signature verified": Meaning(
        "egress",
        "the file was not finished or not uploaded, LiveKit did not reach the API's hook, or the delivery was refused",
        "See what waits: GET /v1/webhooks/{id}/deliveries, and the spool.",
        "docs/operations/native.md#recordings-that-did-not-end-well",
    ),
    "Recording listed with a link": Meaning("api", "the API did not take in the end of the recording"),
    "Object fetched through the link": Meaning(
        "minio",
        "RTCSTACK_STORAGE__PUBLIC_URL does not lead to the store, a proxy changes host or path, or the object is not there",
        "Set RTCSTACK_STORAGE__PUBLIC_URL to where browsers reach the store; pass on `Host` as it came.",
        "docs/operations/stores.md",
    ),
}
_FILE = Meaning(
    "egress",
    "the recorder did not see or hear everybody, or could not keep up with the machine",
    "Stop what else uses the machine and try again; `machine.size` says what it can take.",
    "docs/operations/capacity.md",
)


@dataclass(frozen=True, slots=True)
class Live:
    """What became of the live check: its steps, or why it was left out."""

    outcome: Outcome | None = None
    left_out: str = ""


async def record(scene: Scene, watch: Watch) -> Live:
    return Live(await self_check(scene.plan, watch))


def why_not(scene: Scene, *, asked: bool | None) -> str:
    """Return why there is no live check; empty when there is to be one."""
    if asked is False:
        return "--no-live was given."
    if scene.is_up:
        return ""
    return f"The appliance does not run. To have a recording made as well:\n{_start(scene)}"


def _start(scene: Scene) -> str:
    start = "docker compose up -d --wait" if scene.is_apart else scene.command("up --detach")
    return f"  {start}\n  {scene.command('doctor')}"


def judge(scene: Scene, live: Live, before: Sequence[Finding], *, asked: bool | None) -> list[Finding]:
    """Return the live check's finding; nothing when it was left out, unless it was asked for."""
    if live.outcome is None:
        if not asked:
            return []
        missing = wrong(
            "the recording that was asked for could not be made: the appliance does not run",
            cause="it was stopped, or was never started with this data folder",
            cure=f"Start it, then look again:\n{_start(scene)}",
        )
        return [Finding.of(LIVE, missing)]
    if live.outcome.is_ok:
        length_s = live.outcome.measured.get("file_s", 0)
        told = f"{scene.plan.participants} people met, {length_s:.1f} s were recorded, stored, reported and decoded"
        return [Finding.of(LIVE, fine(told))]
    if [step.title for step in live.outcome.steps if not step.is_ok] == [EVERY_PICTURE]:
        return [Finding.of(LIVE, _slow(live.outcome))]
    return [Finding.of(LIVE, _failed(scene, _first_failed(live.outcome), before))]


def _slow(outcome: Outcome) -> Verdict:
    return doubtful(
        f"the recording is whole, but has fewer pictures than ordered: {_first_failed(outcome).result}",
        cause="the machine was too busy, and pictures were left out on purpose",
        cure=_FILE.cure,
        page=_FILE.page,
    )


def _first_failed(outcome: Outcome) -> Step:
    """Return the step that explains the others: what is cleared away afterwards may fail as well."""
    failed = [step for step in outcome.steps if not step.is_ok]
    return failed[0] if failed else Step("Recording", result="it ended without a step")


def _failed(scene: Scene, step: Step, before: Sequence[Finding]) -> Verdict:
    meaning = _MEANINGS.get(step.title, _FILE)
    errors = [finding.id for finding in before if finding.level is Level.ERROR]
    first = f"First mend what is wrong above: {', '.join(errors)}.\n" if errors else ""
    cure = f"{meaning.cure}\n" if meaning.cure else ""
    return wrong(
        f"{step.title}: {step.result}",
        cause=f"{meaning.part}: {meaning.cause}",
        cure=f"{first}{cure}Read its log:\n  {scene.log_of(meaning.part)}",
        page=meaning.page,
    )
