"""Opens the files that a job asks for."""

from rtcstack.egress.job import RecordingJob
from rtcstack.egress.ledger import Ledger
from rtcstack.egress.recorder.encoder import Encoder
from rtcstack.egress.recorder.images import Images
from rtcstack.egress.recorder.segments import Segments


def open_files(job: RecordingJob, ledger: Ledger) -> Encoder:
    """Return the encoder with all the files that its packets go to; segments and images are added to the ledger.

    Raises:
        OSError: when one cannot be opened.
    """
    outputs, framerate = job.outputs, job.encoding.framerate
    if outputs.segments or outputs.images:
        ledger.make()
    has_file = outputs.file != "none"
    if not has_file:
        job.file.touch()  # an empty one: by it the part is counted, and its last sign of life is seen
    encoder = Encoder(
        job.file if has_file else None, job.encoding, has_video=job.has_video, has_audio=job.has_audio
    )
    if outputs.segments is not None:
        duration_s = outputs.segments.duration_s
        encoder.add_segments(Segments(ledger, job.part, duration_s, encoder.sources), duration_s * framerate)
    if outputs.images:
        encoder.add_images(Images(outputs.images, ledger, job.part, framerate))
    return encoder
