"""Real recorders and real participants, each in a process of its own, and the LiveKit that they meet in."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import msgspec
from av.error import InvalidDataError
from livekit import api

from rtcstack.egress.job import Ended, FromRecorder, Started, Stop, ToRecorder
from rtcstack.settings import LiveKit
from tests.integration.egress.recorder.footage import Thumbnail, latest
from tests.support.lossy_network import LossyNetwork

HERE = Path(__file__).parent
PATIENCE_S = 60.0


class Participant:
    def __init__(
        self, url: str, token: str, part: dict[str, Any], through: LossyNetwork | None = None
    ) -> None:
        self.tracks: dict[str, str] = {}
        """The ids of what it has published, by "video" and "audio"."""
        argv = [sys.executable, str(HERE / "publisher.py"), url, token, json.dumps(part)]
        self._process = subprocess.Popen(
            through.argv(*argv) if through else argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> Self:
        assert self._process.stdout
        word, _, tracks = self._process.stdout.readline().partition(" ")
        assert word == "ok", "the publisher did not come up"
        self.tracks = json.loads(tracks)
        return self

    def do(self, what: str, **to: Any) -> None:
        assert self._process.stdin
        print(json.dumps({"do": what, "to": to}), file=self._process.stdin, flush=True)
        self.ready()

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


class RecorderProcess:
    def __init__(self, folder: Path, job: dict[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / f"part-{job.get('part', 1)}.mp4"
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    HERE / "child.py",
                    str(theirs.fileno()),
                    json.dumps(job | {"folder": str(folder)}),
                ],
                pass_fds=[theirs.fileno()],
                cwd=HERE.parents[3],
            )
        ours.settimeout(PATIENCE_S)
        self.control = ours
        self._lines = ours.makefile("rb")
        self.started: Started | None = None

    def receive(self) -> FromRecorder:
        line = self._lines.readline()
        assert line, "the recorder ended without a word"
        return msgspec.json.decode(line, type=FromRecorder)

    def until(self, kind: type[FromRecorder]) -> None:
        """Wait for a message of that kind."""
        while not isinstance(message := self.receive(), kind):
            assert not isinstance(message, Ended), message

    def until_started(self) -> Self:
        while not isinstance(message := self.receive(), Started):
            assert not isinstance(message, Ended), message
        self.started = message
        return self

    def now_s(self) -> float:
        """The recording's own time."""
        assert self.started
        return (time.time_ns() - self.started.wall_ns) / 1e9

    def wait_until(self, pts_s: float) -> float:
        """Return a moment of the recording just gone by, that nothing done afterwards changes."""
        time.sleep(max(0.0, pts_s - self.now_s()))
        return self.now_s() - 0.1

    def until_shows(self, is_so: Callable[[Thumbnail], bool]) -> float:
        """Return the time of a frame of the growing file that is so, once there is one."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(InvalidDataError):  # its first half second is not written yet
                at_s, picture = latest(self.file)
                if is_so(picture):
                    return at_s
            assert time.monotonic() < deadline, "the picture never came to be so"
            time.sleep(0.2)

    def order(self, order: ToRecorder) -> None:
        self.control.sendall(msgspec.json.encode(order) + b"\n")

    def stop(self) -> Ended:
        self.order(Stop())
        return self.ended()

    def ended(self, status: int = 0) -> Ended:
        while not isinstance(message := self.receive(), Ended):
            pass
        assert self.process.wait(PATIENCE_S) == status
        return message

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._lines.close()
        self.control.close()


@dataclass
class Stagehand:
    """Makes participants and recorders of one room, and clears them away."""

    livekit: LiveKit
    folder: Path
    room: str
    started: list[Participant | RecorderProcess] = field(default_factory=list)

    def come(self, identity: str, **part: Any) -> Participant:
        participant = self.send_for(identity, **part)
        return participant.ready()

    def send_for(
        self, identity: str, *, name: str = "", through: LossyNetwork | None = None, **part: Any
    ) -> Participant:
        participant = Participant(self.livekit.ws_url, self.token(identity, name), part, through)
        self.started.append(participant)
        return participant

    def token(self, identity: str, name: str = "") -> str:
        grants = api.VideoGrants(room_join=True, room=self.room)
        return self._token().with_identity(identity).with_name(name).with_grants(grants).to_jwt()

    def job(self, **more: Any) -> dict[str, Any]:
        """The fields of a `RecordingJob` for this room."""
        return {
            "egress_id": f"EG_{self.room}",
            "room_name": self.room,
            "ws_url": self.livekit.ws_url,
            "api_key": self.livekit.api_key.get_secret_value(),
            "api_secret": self.livekit.api_secret.get_secret_value(),
            **more,
        }

    def record(self, **job: Any) -> RecorderProcess:
        recorder = RecorderProcess(self.folder, self.job(**job))
        self.started.append(recorder)
        return recorder

    def server(self) -> contextlib.AbstractAsyncContextManager[api.LiveKitAPI]:
        key, secret = self.livekit.api_key, self.livekit.api_secret
        return api.LiveKitAPI(self.livekit.http_url, key.get_secret_value(), secret.get_secret_value())

    async def update_layout(self, layout: str) -> None:
        """Do what LiveKit's UpdateLayout does for an egress that it knows."""
        told = json.dumps({"layout": layout})
        request = api.UpdateParticipantRequest(room=self.room, identity=f"EG_{self.room}", metadata=told)
        async with self.server() as server:
            await server.room.update_participant(request)

    def _token(self) -> api.AccessToken:
        return api.AccessToken(
            self.livekit.api_key.get_secret_value(), self.livekit.api_secret.get_secret_value()
        )

    def clear(self) -> None:
        for one in self.started:
            one.end()
