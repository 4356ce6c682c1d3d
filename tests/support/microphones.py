"""Many participants with a microphone each in one process and one loop, as cheap as the client library allows.

    python -m tests.support.microphones URL FIRST SPEAKING TOKEN…

The first SPEAKING of them send a tone, the others silence, which discontinuous transmission makes almost nothing of, as in
browsers. Says `ok` when all of them publish, and leaves when its input ends.
"""

import asyncio
import sys

from livekit import rtc
from livekit.rtc._proto import room_pb2

from rtcstack.demo.tone import SAMPLE_RATE, Tone
from tests.support.patient_publisher import PatientPublisher

_FRAME_MS = 500
"""So that fifty loops wake up seldom; the library cuts it into the usual packets."""
_COUNT = SAMPLE_RATE * _FRAME_MS // 1000


class Microphone(PatientPublisher):
    def __init__(self, index: int, *, is_speaking: bool) -> None:
        super().__init__()
        # Encoding silence at the usual rate took more of the machine than all that is measured.
        self._encoding = room_pb2.AudioEncoding(max_bitrate=24_000 if is_speaking else 6_000)
        self._tone = Tone(index, "tone" if is_speaking else "silence")
        self._source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=2 * _FRAME_MS)

    def _published(self) -> tuple[rtc.LocalTrack, rtc.TrackPublishOptions]:
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=True, red=False, audio_encoding=self._encoding
        )
        return track, options

    async def play(self) -> None:
        position = 0
        while True:
            samples = self._tone.samples(position, _COUNT).tobytes()
            await self._source.capture_frame(rtc.AudioFrame(samples, SAMPLE_RATE, 1, _COUNT))
            position += _COUNT


async def main(url: str, first: str, speaking: str, *tokens: str) -> None:
    crowd = [Microphone(int(first) + n, is_speaking=n < int(speaking)) for n in range(len(tokens))]
    for microphone, token in zip(crowd, tokens, strict=True):
        await microphone.join(url, token)
    playing = [asyncio.create_task(microphone.play()) for microphone in crowd]
    sys.stdout.write("ok\n")
    sys.stdout.flush()
    reading = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait([reading, *playing], return_when=asyncio.FIRST_COMPLETED)
    for task in playing:
        if task.done():
            task.result()  # raises what ended it: nobody falls silent unseen
        task.cancel()
    await asyncio.gather(*(microphone.leave() for microphone in crowd))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
