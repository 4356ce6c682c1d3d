"""Whether a start is the repeat of one that another worker has taken.

LiveKit repeats a start whose answer was lost, with the same egress id, and a worker that never heard of it is as quick to bid
as the one that records. A second recorder has the identity of the first one, so LiveKit would remove that from the room, and in the end the
second one's file would replace the first one's.
"""

from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.egress.dispatcher import info as infos
from rtcstack.errors import Conflict, PartUnavailable, Upstream


async def check_is_new(io: IOInfoClient, egress_id: str) -> None:
    """Ask LiveKit's books, in which whoever takes a start enters it before answering.

    What they do not say is not begun: a start that is refused so is told, and LiveKit repeats it at once; one that is recorded
    twice destroys a recording that goes well, and nobody sees it. The books are silent when Redis has trouble, which is when answers get lost.

    Raises:
        Conflict: it is in the books.
        PartUnavailable: they cannot be asked.
    """
    try:
        found = await io.find_egress(egress_id)
    except Upstream as e:
        text = f"LiveKit does not say whether egress {egress_id} is being recorded: {e.message}"
        raise PartUnavailable(text, part="livekit") from e
    if found is not None:
        is_so = "has ended" if found.status in infos.ENDED else "is being recorded by another worker"
        raise Conflict(f"egress {egress_id} {is_so}")
