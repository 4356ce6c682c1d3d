"""Whether the parts run and answer each other: by the supervisor, and by the API."""

import json
from collections.abc import Iterator, Mapping

from rtcstack.appliance import logs
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene

_NATIVE = "docs/operations/native.md#watching-it"
_LINES = 50
_COMPLAINTS = frozenset({"error", "fatal", "panic", "critical"})
_STARTING = frozenset({"waiting", "starting", "restarting", "stopping"})


async def look(scene: Scene) -> Mapping[str, str]:
    """Return the last complaint in the log of each part that is unwell, empty where there is none."""
    unwell = [part.name for part in scene.snapshot.parts if part.state != "healthy"] if scene.snapshot else []
    texts = {name: logs.tail(scene.settings.data / "logs" / f"{name}.log", lines=_LINES) for name in unwell}
    return {name: complaint(text) for name, text in texts.items()}


def complaint(text: str) -> str:
    """Return the last line that says what went wrong: of ours and LiveKit's, which are JSON, one that is an error."""
    for line in reversed(text.splitlines()):
        try:
            entry = json.loads(line)
        except ValueError:
            if line.strip():
                return line.strip()
            continue
        if isinstance(entry, dict) and str(entry.get("level")).lower() in _COMPLAINTS:
            told = [str(entry[key]) for key in ("event", "msg", "error") if entry.get(key)]
            return ": ".join(told)
    return ""


def state(scene: Scene, last_words: Mapping[str, str]) -> Iterator[Verdict]:
    snapshot = scene.snapshot
    if snapshot is None:
        yield from _without_supervisor(scene)
        return
    if snapshot.is_silent:
        yield wrong(
            f"the supervisor (pid {snapshot.supervisor_pid}) has not reported for a while",
            cause=f"it hangs, or cannot write {scene.settings.data}/run",
            cure=f"Stop it all, then start it again:\n{scene.restart}",
            page=_NATIVE,
        )
    for part in snapshot.parts:
        if part.state != "healthy":
            say = doubtful if part.state in _STARTING else wrong
            said = last_words.get(part.name)
            yield say(
                f"{part.name} is {part.state}{f': {part.note}' if part.note else ''}",
                cause=f"its log says: {said}"
                if said
                else "it was stopped, hangs, or ended without a word in its log",
                cure=f"Read its log, then start everything again:\n  {scene.log_of(part.name)}\n{scene.restart}",
                page=_NATIVE,
            )
    if snapshot.is_healthy and not snapshot.is_silent:
        yield fine(f"all {len(snapshot.parts)} parts are healthy")


def _without_supervisor(scene: Scene) -> Iterator[Verdict]:
    if scene.is_apart:
        return
    if not scene.leftovers:
        yield fine(f"no appliance runs on {scene.settings.data}")
        return
    yield wrong(
        f"no supervisor runs, but parts of it do: {', '.join(sorted(scene.leftovers))}",
        cause="supervisor and warden were killed",
        cure=f"Stop them in order, then start again:\n{scene.restart}",
        page=_NATIVE,
    )


def answers(scene: Scene, _: Mapping[str, str]) -> Iterator[Verdict]:
    """Judge what the API's `/readyz` says of the others: they may run and not reach each other."""
    if not scene.answers:
        return
    api = scene.answers["api"]
    if api.is_ok:
        yield fine("the API answers, and reaches Redis, store, LiveKit and an Egress worker")
        return
    told = _report(api.body)
    if not told:
        yield wrong(
            api.seen,
            cause="the API does not run, or something else answers at its address",
            cure=f"Read its log:\n  {scene.log_of('api')}",
        )
    for name, text in told.items():
        yield wrong(
            f"{name}, as the API sees it: {text}",
            cause=_CAUSES.get(name, "it does not run, or hangs"),
            cure=f"Read its log:\n  {scene.log_of(name if name != 'disk' else 'api')}",
        )


_CAUSES = {
    "disk": "a disk is full: recordings have ended, and none is begun",
    "minio": "the store does not run, its bucket is gone, or its keys are others",
    "egress": "no worker is connected to Redis: without one nothing is recorded",
}


def _report(body: str) -> dict[str, str]:
    """Return what is amiss, by the part's name."""
    try:
        report = json.loads(body)
        told = {**report["parts"], "disk": report["disk"]}
    except (ValueError, KeyError, TypeError):
        return {}
    return {name: str(text) for name, text in told.items() if text != "ok"}


FAMILY = Family("parts", look, {"state": state, "answers": answers})
