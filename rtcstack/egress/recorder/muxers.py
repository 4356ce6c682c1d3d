"""Files that packets of one encoding go to: each takes the same packets, nothing is encoded twice."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import av
from av.container import OutputContainer

Packet: TypeAlias = "av.Packet[Any]"
Source: TypeAlias = av.VideoStream | av.AudioStream
"""One of the encoder's streams, which a packet is of."""

MP4: Final = {
    # The index at the head holds no samples (delay_moov): libav drops those of a killed file's head but the first.
    "movflags": "hybrid_fragmented+delay_moov",
    "frag_duration": "500000",
    "flush_packets": "1",
    "use_editlist": "1",
    # Sound is mixed 0.3 s after its time; pictures are not to wait for it in memory.
    "max_interleave_delta": "50000",
}


class Muxer(Protocol):
    def write(self, packet: Packet, source: Source) -> None:
        """Write a packet; its stream and time base are this muxer's afterwards. Raises OSError when the disk fails."""

    def close(self) -> None: ...

    def written(self) -> Iterable[Path]:
        """Return the files that have been written to since the last call."""


class Container:
    """One open file. libav takes a reference to a packet's bytes, so that the next muxer may have it too."""

    def __init__(self, file: Path, form: str, options: dict[str, str], sources: Sequence[Source]) -> None:
        self.file = file
        self._container: OutputContainer = av.open(str(file), "w", format=form, options=options)
        self._targets = {source.index: self._container.add_stream_from_template(source) for source in sources}
        self._container.start_encoding()

    def write(self, packet: Packet, source: Source) -> None:
        packet.stream = self._targets[source.index]
        self._container.mux_one(packet)

    def close(self) -> None:
        self._container.close()


class Mp4:
    """A file that is playable at every instant.

    `hybrid_fragmented` writes fragments while recording, so that a killed recorder loses half a second at most, and on
    close turns the whole into an ordinary MP4 by adding one index and changing eight bytes near the head.
    """

    def __init__(self, file: Path, sources: Sequence[Source]) -> None:
        self._container = Container(file, "mp4", MP4, sources)

    def write(self, packet: Packet, source: Source) -> None:
        self._container.write(packet, source)

    def close(self) -> None:
        self._container.close()

    def written(self) -> Iterable[Path]:
        return (self._container.file,)
