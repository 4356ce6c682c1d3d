"""A participant whose pictures have whatever size it is told, one JSON object a line on its input.

    python -m tests.integration.egress.recorder.shapes URL TOKEN '[90, 100, 200]'

`[4000, 16]`: from now on pictures so wide and high; `"noise"`: bytes that are no picture. Each is answered with `ok`.
"""

import asyncio
import json
import os
import sys

import numpy as np

from tests.integration.egress.recorder.still_camera import StillCamera, keyframe

FPS = 15
_NOISE = np.random.default_rng(1).integers(0, 256, 1000, np.uint8).tobytes()


async def main(url: str, token: str, colour: tuple[int, int, int]) -> None:
    camera = StillCamera(640, 360)
    await camera.join(url, token)
    picture = keyframe(640, 360, colour)

    async def show() -> None:
        while True:
            camera.show(picture)
            await asyncio.sleep(1 / FPS)

    showing = asyncio.create_task(show())
    while True:
        sys.stdout.write("ok\n")
        sys.stdout.flush()
        if not (line := await asyncio.to_thread(sys.stdin.readline)):
            break
        told = json.loads(line)
        picture = _NOISE if told == "noise" else keyframe(*told, colour)
    showing.cancel()
    await camera.leave()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], tuple(json.loads(sys.argv[3]))))
    os._exit(0)
