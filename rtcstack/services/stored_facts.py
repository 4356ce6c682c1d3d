"""What the store says of a recording's object, with what lies in its index's metadata.

An object that was uploaded while it was recorded could not be told yet how long it would become: `rtcstack-facts` says that
its index was (docs/decisions/0024).
"""

from collections.abc import Mapping
from dataclasses import replace

from rtcstack.domain.object_key import index_key
from rtcstack.errors import ObjectNotFound
from rtcstack.ports.storage import Storage, StoredObject

_BESIDE = "rtcstack-facts"
_EGRESS = "rtcstack-egress"
CHECKSUM = "rtcstack-sha256"
CHECKSUM_BESIDE = "rtcstack-recording-sha256"


async def stat_recording(storage: Storage, key: str, bucket: str | None = None) -> StoredObject:
    """Return the object as if all that is known of it were its own metadata. Raises as `Storage.stat` does."""
    found = await storage.stat(key, bucket)
    if found.metadata.get(_BESIDE) != "index":
        return found
    try:
        index = await storage.stat(index_key(key), bucket)
    except ObjectNotFound:
        return found
    if index.metadata.get(_EGRESS) != found.metadata.get(_EGRESS):
        return found
    return replace(found, metadata={**_facts(index.metadata), **found.metadata})


def _facts(beside: Mapping[str, str]) -> dict[str, str]:
    """Its own checksum is none of the recording's."""
    facts = {name: value for name, value in beside.items() if name != CHECKSUM}
    if CHECKSUM_BESIDE in facts:
        facts[CHECKSUM] = facts.pop(CHECKSUM_BESIDE)
    return facts
