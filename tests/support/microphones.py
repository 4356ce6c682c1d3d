"""Many participants with a microphone each in one process and one loop, as cheap as the client library allows.

    python -m tests.support.microphones URL FIRST SPEAKING TOKEN…

The first SPEAKING of them send a tone, the others silence, which discontinuous transmission makes almost nothing of, as in
browsers. Says `ok` when all of them publish, and leaves when its input ends.
"""

import asyncio
import sys

from livekit import rtc

from rtcstack.demo.tone import SAMPLE_RATE, Tone

_TRIES = 10
_FRAME_MS = 50
_COUNT = SAMPLE_RATE * _FRAME_MS // 1000


class Microphone:
    def __init__(self, index: int, *, is_speaking: bool) -> None:
        self._tone = Tone(index, "tone" if is_speaking else "silence")
        self._room = rtc.Room()
        self._source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=4 * _FRAME_MS)

    async def join(self, url: str, token: str) -> None:
        """Connect and publish; on a machine that is busy with fifty of them some need another try."""
        for tries_left in reversed(range(_TRIES)):
            try:
                await self._join(url, token)
            except (rtc.ConnectError, rtc.participant.PublishTrackError):
                if not tries_left:
                    raise
                await self._room.disconnect()
                self._room = rtc.Room()
            else:
                return

    async def _join(self, url: str, token: str) -> None:
        await self._room.connect(url, token, rtc.RoomOptions(auto_subscribe=False))
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=True, red=False)
        await self._room.local_participant.publish_track(track, options)

    async def play(self) -> None:
        position = 0
        while True:
            samples = self._tone.samples(position, _COUNT).tobytes()
            await self._source.capture_frame(rtc.AudioFrame(samples, SAMPLE_RATE, 1, _COUNT))
            position += _COUNT

    async def leave(self) -> None:
        await self._room.disconnect()


async def main(url: str, first: str, speaking: str, *tokens: str) -> None:
    crowd = [Microphone(int(first) + n, is_speaking=n < int(speaking)) for n in range(len(tokens))]
    for microphone, token in zip(crowd, tokens, strict=True):
        await microphone.join(url, token)
    playing = [asyncio.create_task(microphone.play()) for microphone in crowd]
    sys.stdout.write("ok\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for task in playing:
        task.cancel()
    await asyncio.gather(*(microphone.leave() for microphone in crowd))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
