"""A classifier so small that it is made on the spot, and pictures for it: the redder, the likelier."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import onnx
from onnx import TensorProto, helper

from rtcstack.media.jpeg import jpeg_of, scaled

SIZE_PX = 32
Colour = tuple[int, int, int]
RED: Colour = (230, 20, 20)
GREY: Colour = (120, 120, 120)


@dataclass(frozen=True)
class Model:
    file: Path
    sha256: str

    @property
    def environ(self) -> dict[str, str]:
        """What a process with this provider is set to."""
        return {
            "RTCSTACK_MODERATION__PROVIDER": "local",
            "RTCSTACK_MODERATION__MODEL": str(self.file),
            "RTCSTACK_MODERATION__MODEL_SHA256": self.sha256,
            "RTCSTACK_MODERATION__LABELS": '["normal", "red"]',
            "RTCSTACK_MODERATION__MEAN": "0",
            "RTCSTACK_MODERATION__STD": "1",
        }


def jpeg(colour: Colour, width: int = 64, height: int = 48) -> bytes:
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = colour
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    return jpeg_of(scaled(frame, width))


def redness_model(file: Path, *, is_nchw: bool = True) -> Model:
    """Write a model whose second number is 30 times (mean of red - mean of green), less 3, and whose first is 0.

    Its likelihoods (softmax) are 0.05 for grey and 1.00 for red.
    """
    shape = [1, 3, SIZE_PX, SIZE_PX] if is_nchw else ["batch", "rows", "columns", 3]
    pixel_axes = [2, 3] if is_nchw else [1, 2]
    weights = np.array([[0, 30], [0, -30], [0, 0]], np.float32)
    bias = np.array([0, -3], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["pixels", "axes"], ["colours"], keepdims=0),
            helper.make_node("Gemm", ["colours", "weights", "bias"], ["logits"]),
        ],
        "redness",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [shape[0], 2])],
        [
            onnx.numpy_helper.from_array(np.array(pixel_axes, np.int64), "axes"),
            onnx.numpy_helper.from_array(weights, "weights"),
            onnx.numpy_helper.from_array(bias, "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    data = model.SerializeToString()
    file.write_bytes(data)
    return Model(file, hashlib.sha256(data).hexdigest())
