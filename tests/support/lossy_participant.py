"""A participant in a process of its own, so that it can stand behind a bad network.

    python -m tests.support.lossy_participant URL TOKEN INDEX '{"sound": "beep", …}'

says `ok` once it publishes, and leaves when its input ends.
"""

import asyncio
import json
import sys

from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media


async def main(url: str, token: str, index: str, media: str) -> None:
    async with Participant(url, token, int(index), Media(**json.loads(media))):
        sys.stdout.write("ok\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
