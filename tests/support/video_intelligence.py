"""A server that speaks the gRPC service of Google's Video Intelligence API, on loopback: it really looks at the film.

`AnnotateVideo` begins a long-running operation, `google.longrunning.Operations/GetOperation` tells how it stands. A second
of the film is the likelier explicit, the redder it is.
"""

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import av
import grpc
import numpy as np
from google.cloud import videointelligence_v1 as vi
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.rpc.status_pb2 import Status

_SERVICE = "google.cloud.videointelligence.v1.VideoIntelligenceService"
_NAME = "projects/1/locations/europe-west1/operations/1"


@dataclass
class VideoIntelligence(operations_pb2_grpc.OperationsServicer):
    """What it was asked, and how it is to misbehave."""

    port: int = 0
    requests: list[vi.AnnotateVideoRequest] = field(default_factory=list)
    calls: int = 0
    polls: int = 0
    refuse_with: grpc.StatusCode | None = None
    """How the next requests are answered."""
    fail_operation_with: grpc.StatusCode | None = None
    fail_video_with: grpc.StatusCode | None = None
    is_endless: bool = False
    """Whether operations never end."""
    hang: threading.Event | None = None
    """Requests wait for it."""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def annotate(self, request: vi.AnnotateVideoRequest, context: Any) -> operations_pb2.Operation:
        self.calls += 1
        if self.hang is not None:
            self.hang.wait(30)
        if self.refuse_with is not None:
            context.abort(self.refuse_with, "quota exceeded for quota metric 'Requests'")
        self.requests.append(request)
        return operations_pb2.Operation(name=_NAME, done=False)

    def GetOperation(self, request: Any, context: Any) -> operations_pb2.Operation:  # noqa: N802 - the service's name
        del context
        assert request.name == _NAME
        self.polls += 1
        operation = operations_pb2.Operation(name=_NAME, done=not self.is_endless)
        if self.is_endless:
            return operation
        if self.fail_operation_with is not None:
            operation.error.CopyFrom(Status(code=self.fail_operation_with.value[0], message="no film"))
            return operation
        operation.response.Pack(vi.AnnotateVideoResponse.pb(self._answer()))
        return operation

    def _answer(self) -> vi.AnnotateVideoResponse:
        result = vi.VideoAnnotationResults()
        if self.fail_video_with is not None:
            result.error = Status(code=self.fail_video_with.value[0], message="cannot be read")
        else:
            frames = [_frame(*second) for second in _seconds(self.requests[-1].input_content)]
            result.explicit_annotation = vi.ExplicitContentAnnotation(frames=frames)
        return vi.AnnotateVideoResponse(annotation_results=[result])


def _frame(second: float, redness: float) -> vi.ExplicitContentFrame:
    words = [vi.Likelihood(1 + round(4 * max(0.0, min(redness, 1.0))))]
    return vi.ExplicitContentFrame(time_offset=timedelta(seconds=second), pornography_likelihood=words[0])


def _seconds(film: bytes) -> Iterator[tuple[float, float]]:
    """Yield (position, redness 0…1) of one picture a second, a third into it, as a service samples where it likes."""
    with av.open(io.BytesIO(film), "r") as container:
        frames = [(float(f.time or 0), f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]
    for second in range(round(frames[-1][0] + 0.5)):
        position = second + 0.3
        picture = next(pixels for at_s, pixels in reversed(frames) if at_s <= position)
        red, green = (float(np.mean(picture[..., channel])) for channel in (0, 1))
        yield position, (red - green) / 200


@contextmanager
def video_intelligence() -> Iterator[VideoIntelligence]:
    service = VideoIntelligence()
    server = grpc.server(ThreadPoolExecutor(4))
    handler: Callable[..., Any] = grpc.unary_unary_rpc_method_handler(
        service.annotate,
        request_deserializer=vi.AnnotateVideoRequest.deserialize,
        response_serializer=operations_pb2.Operation.SerializeToString,
    )
    own = grpc.method_handlers_generic_handler(_SERVICE, {"AnnotateVideo": handler})
    server.add_generic_rpc_handlers((own,))
    operations_pb2_grpc.add_OperationsServicer_to_server(service, server)
    service.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield service
    finally:
        if service.hang is not None:
            service.hang.set()
        server.stop(None).wait()
