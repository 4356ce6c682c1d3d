"""Many participants in one process, each with a camera of one colour.

    python -m tests.integration.egress.recorder.crowd URL TOKEN…

Says `ok` when all of them publish, and leaves when its input ends, without taking the interpreter down: native threads may
still call into it.
"""

import asyncio
import os
import sys

from tests.integration.egress.recorder.still_camera import StillCamera, keyframe

WIDTH, HEIGHT, FPS = 160, 90, 3
_AT_ONCE = 5


def colour(index: int) -> tuple[int, int, int]:
    """Return Y, U, V of a participant: of any two, up to 56, either U or V differs by 20 and more."""
    return 130, 60 + index % 8 * 20, 60 + index // 8 * 22


async def _show(crowd: list[StillCamera]) -> None:
    """Spread them over the time between two pictures."""
    pictures = [keyframe(WIDTH, HEIGHT, colour(index)) for index in range(len(crowd))]
    while True:
        for camera, picture in zip(crowd, pictures, strict=True):
            camera.show(picture)
            await asyncio.sleep(1 / FPS / len(crowd))


async def main(url: str, *tokens: str) -> None:
    crowd = [StillCamera(WIDTH, HEIGHT) for _ in tokens]
    door = asyncio.Semaphore(_AT_ONCE)

    async def enter(camera: StillCamera, token: str) -> None:
        async with door:
            await camera.join(url, token)

    await asyncio.gather(*map(enter, crowd, tokens))
    showing = asyncio.create_task(_show(crowd))
    sys.stdout.write("ok\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    showing.cancel()
    await asyncio.gather(*(camera.leave() for camera in crowd))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
    os._exit(0)
