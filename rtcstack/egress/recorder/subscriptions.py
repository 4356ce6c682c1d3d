"""The tracks that the recorder receives: asked for, in the size they are shown in, each with a stream into an inlet."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from livekit import rtc

from rtcstack.egress.recorder import native
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.media import AudioInlet, VideoInlet
from rtcstack.egress.recorder.selection import Publication

Inlet = VideoInlet | AudioInlet
Size = tuple[int, int]


@dataclass(slots=True)
class _Asked:
    publication: Publication
    size: Size | None = None


class Subscriptions:
    def __init__(self, hub: Hub, *, is_mixed: bool) -> None:
        """`is_mixed` tells whether sounds go into the recording; if not, they are received for who speaks."""
        self._hub = hub
        self._is_mixed = is_mixed
        self._asked: dict[str, _Asked] = {}
        self._inlets: dict[str, tuple[rtc.Track, Inlet]] = {}

    def update(
        self, wanted: Mapping[str, Publication], sizes: Mapping[str, Size], published: Collection[str]
    ) -> None:
        """Subscribe to what is wanted and to nothing else; ask for each picture's layer that fits its size in pixels.

        `published` are the ids of all tracks in the room, wanted or not.
        """
        for sid, asked in list(self._asked.items()):
            if wanted.get(sid) is not asked.publication:
                del self._asked[sid]
                if sid in published and sid not in wanted:
                    asked.publication.set_subscribed(False)
        for sid, publication in wanted.items():
            if sid not in self._asked:
                publication.set_subscribed(True)
                self._asked[sid] = _Asked(publication)
        self._ask_for_sizes(sizes)
        self._sync_inlets(wanted)

    def ask_again(self) -> None:
        """Repeat the request for every track that has not come: LiveKit loses those made while reconnecting."""
        for asked in self._asked.values():
            if asked.publication.track is None:
                asked.publication.set_subscribed(True)

    def forget_sizes(self) -> None:
        """Have every picture's size asked for anew: another connection knows of none."""
        for asked in self._asked.values():
            asked.size = None

    def close(self) -> None:
        """Close every stream."""
        for sid in list(self._inlets):
            self._close(sid)

    def inlets(self) -> dict[str, Inlet]:
        """Return the open inlets by track id."""
        return {sid: inlet for sid, (_, inlet) in self._inlets.items()}

    def tracks(self) -> dict[str, rtc.Track]:
        """Return the tracks that are being received, by id."""
        return {sid: track for sid, (track, _) in self._inlets.items()}

    def _ask_for_sizes(self, sizes: Mapping[str, Size]) -> None:
        for sid, size in sizes.items():
            asked = self._asked.get(sid)
            if asked is None or not asked.publication.simulcasted:
                continue
            # LiveKit forgets what is asked of a track before it is subscribed to.
            if asked.publication.track is not None and asked.size != size:
                native.ask_for_size(asked.publication, *size)
                asked.size = size

    def _sync_inlets(self, wanted: Mapping[str, Publication]) -> None:
        """Keep a stream open for each subscribed track that is not muted, and none besides."""
        live = {sid: p.track for sid, p in wanted.items() if p.track is not None and not p.muted}
        for sid, (track, _) in list(self._inlets.items()):
            if live.get(sid) is not track:
                self._close(sid)
        for sid, track in live.items():
            if sid not in self._inlets:
                self._inlets[sid] = (track, self._open(track))

    def _open(self, track: rtc.Track) -> Inlet:
        if track.kind == rtc.TrackKind.KIND_VIDEO:
            return self._hub.open_video(track)
        return self._hub.open_audio(track, is_mixed=self._is_mixed)

    def _close(self, sid: str) -> None:
        _, inlet = self._inlets.pop(sid)
        self._hub.close(inlet)
