"""What an EgressInfo says of an egress's outputs, in the words of LiveKit's Egress."""

from livekit.protocol.egress import EgressInfo, FileInfo, ImagesInfo, SegmentsInfo

from rtcstack.egress.dispatcher.side_files import SideResult
from rtcstack.egress.spool import Order


def announce(info: EgressInfo, order: Order) -> None:
    """Say what will be made and how it is called."""
    outputs = order.outputs
    if order.object_key:
        info.file_results.append(FileInfo(filename=order.object_key))
    if (segments := outputs.segments) is not None:
        names = SegmentsInfo(
            playlist_name=segments.playlist_key, live_playlist_name=segments.live_playlist_key
        )
        info.segment_results.append(names)
    info.image_results.extend(ImagesInfo(filename_prefix=images.prefix) for images in outputs.images)


def fill(info: EgressInfo, order: Order, beside: SideResult) -> None:
    """Say what the store has; the file's own result is not touched."""
    outputs = order.outputs
    if (wanted := outputs.segments) is not None:
        (segments,) = info.segment_results
        segments.segment_count = len(beside.segments)
        segments.size = sum(segment.size_bytes for segment in beside.segments)
        segments.duration = sum(segment.duration_ms for segment in beside.segments) * 1_000_000
        segments.playlist_location = f"{beside.store_url}/{wanted.playlist_key}"
        if wanted.live_playlist:
            segments.live_playlist_location = f"{beside.store_url}/{wanted.live_playlist_key}"
    for images, count in zip(info.image_results, beside.image_counts, strict=True):
        images.image_count = count
    info.manifest_location = beside.manifest_location
