"""How long a recording is and which streams it has: as its recorder says beside the bytes, else by a look into the file."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from rtcstack.domain.recording import Recording
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.ports.media import Media, MediaSource
from rtcstack.ports.storage import StoredObject
from rtcstack.services.storage.stores import Stores

UNREADABLE = "unreadable_media"
_LOOK_S = 20
"""How long a look may take: shorter than the lease of whoever asks."""
_LINK_S = 60
_KINDS = ("video", "audio")


@dataclass(frozen=True)
class Facts:
    duration_ms: int
    streams: Mapping[str, str]
    """`{"video": "h264,1280x720,30", "audio": "aac,48000,2"}` as far as it is known."""


class MediaFacts:
    def __init__(self, media: Media, stores: Stores) -> None:
        self._media, self._stores = media, stores

    async def of(self, recording: Recording, found: StoredObject) -> Facts:
        """Return what is to be known of the object; only one that no recorder of ours wrote is looked into.

        Raises:
            PartRefused: `unreadable_media`, it is no recording at all; or the store's own words.
            PartUnavailable: the store does not answer.
        """
        told = _told(recording, found)
        if told.streams or not found.etag:  # what the store does not show it does not let read either
            return told
        if not found.size_bytes:
            raise PartRefused("The object is empty.", part="media", code=UNREADABLE)
        store = await self._stores.of(recording.storage_id)
        url = store.source_url(recording.object_key, _LINK_S, recording.bucket)
        try:
            async with asyncio.timeout(_LOOK_S):
                probed = await self._media.probe(MediaSource(url=url))
        except TimeoutError as e:
            raise PartUnavailable("The store is too slow to look into the file.", part="minio") from e
        return Facts(told.duration_ms or probed.duration_ms, probed.streams)


def _told(recording: Recording, found: StoredObject) -> Facts:
    """Return what the recorder wrote beside the bytes, or what is known of the recording from before."""
    streams = {
        kind: found.metadata[f"rtcstack-{kind}"] for kind in _KINDS if f"rtcstack-{kind}" in found.metadata
    }
    duration_ms = int(found.metadata.get("rtcstack-duration-ms") or recording.duration_ms or 0)
    return Facts(duration_ms, streams or recording.streams)
