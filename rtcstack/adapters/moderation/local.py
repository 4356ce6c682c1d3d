"""`local`: an ONNX model that the operator names by path and checksum, run by onnxruntime on this machine."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime

from rtcstack.adapters.moderation.image import Rgb, decode, rgb
from rtcstack.adapters.moderation.wire import LocalModel, Seen
from rtcstack.errors import Invalid

Numbers = npt.NDArray[np.float32]

_SETTING: Final = "RTCSTACK_MODERATION__"
_DIMENSIONS: Final = 4
_CHANNELS: Final = 3


class LocalModerator:
    """Raises `Invalid`, naming the setting, if the file is not the one that was meant or the settings do not suit it."""

    def __init__(self, setup: LocalModel) -> None:
        self._setup = setup
        self.model = setup.sha256
        self._session = _session(_checked(setup))
        [self._input] = _one_input(self._session)
        self._is_nchw = _is_nchw(setup, self._input.shape)
        self._size = _size(setup, self._input.shape, self._is_nchw)
        self._output = _output(setup, self._session)
        self._try()

    def look(self, pictures: Sequence[bytes]) -> list[Seen]:
        """Judge them one by one: models are often exported for a batch of one."""
        frames = ((number, decode(jpeg)) for number, jpeg in enumerate(pictures))
        return [
            Seen(number, label, likelihood)
            for number, frame in frames
            if frame is not None
            for label, likelihood in self._judge(rgb(frame, *self._size))
            if label not in self._setup.safe_labels
        ]

    def _judge(self, picture: Rgb) -> Iterator[tuple[str, float]]:
        scores = _activated(self._run(picture), self._setup.activation)
        yield from zip(self._setup.labels, (float(score) for score in scores), strict=True)

    def _run(self, picture: Rgb) -> Numbers:
        values = (picture.astype(np.float32) / 255 - self._setup.mean) / self._setup.std
        ordered = values.transpose(2, 0, 1) if self._is_nchw else values
        [answer] = self._session.run([self._output], {self._input.name: ordered[np.newaxis]})
        return np.asarray(answer, np.float32).reshape(-1)

    def _try(self) -> None:
        """Let it judge a black picture, so that what does not fit is told at once."""
        width, height = self._size
        try:
            scores = self._run(np.zeros((height, width, _CHANNELS), np.uint8))
        except Exception as e:  # the library has no error of its own
            raise Invalid(f"{_SETTING}MODEL: it cannot judge a picture of {width}x{height}: {e}") from e
        if len(scores) != len(self._setup.labels):
            raise Invalid(
                f"{_SETTING}LABELS: the model gives {len(scores)} numbers, and there are"
                f" {len(self._setup.labels)} labels."
            )


def _checked(setup: LocalModel) -> bytes:
    """Return the very bytes that have the checksum: the file may change at any moment."""
    try:
        data = setup.file.read_bytes()
    except OSError as e:
        raise Invalid(f"{_SETTING}MODEL: cannot read {setup.file}: {e.strerror}") from e
    digest = hashlib.sha256(data).hexdigest()
    if digest != setup.sha256:
        raise Invalid(
            f"{_SETTING}MODEL_SHA256: {setup.file} has the SHA-256 {digest}, the setting says {setup.sha256}."
        )
    return data


def _session(data: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the API and recorders want the others
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as e:  # the library has no error of its own
        raise Invalid(f"{_SETTING}MODEL: onnxruntime cannot load it: {e}") from e


def _one_input(session: Any) -> list[Any]:
    inputs = list(session.get_inputs())
    if len(inputs) == 1 and len(inputs[0].shape) == _DIMENSIONS and inputs[0].type == "tensor(float)":
        return inputs
    shapes = ", ".join(f"{given.name} {given.type}{given.shape}" for given in inputs)
    raise Invalid(f"{_SETTING}MODEL: it must take one batch of pictures as floats; it takes {shapes}.")


def _is_nchw(setup: LocalModel, shape: Sequence[Any]) -> bool:
    """Return whether colours come before rows; by the model's own shape if not told."""
    if setup.layout != "auto":
        return setup.layout == "nchw"
    is_first, is_last = shape[1] == _CHANNELS, shape[3] == _CHANNELS
    if is_first == is_last:
        raise Invalid(f"{_SETTING}LAYOUT: the model's input {list(shape)} does not tell; set nchw or nhwc.")
    return bool(is_first)


def _size(setup: LocalModel, shape: Sequence[Any], is_nchw: bool) -> tuple[int, int]:
    """Return width and height."""
    height, width = shape[2:4] if is_nchw else shape[1:3]
    fixed = [side if isinstance(side, int) else setup.input_size for side in (width, height)]
    return fixed[0], fixed[1]


def _output(setup: LocalModel, session: Any) -> str:
    names = [given.name for given in session.get_outputs()]
    if setup.output is not None and setup.output not in names:
        raise Invalid(f"{_SETTING}OUTPUT: the model has no output {setup.output}; it has {', '.join(names)}.")
    return str(setup.output or names[0])


def _activated(scores: Numbers, activation: str) -> Numbers:
    if activation == "softmax":
        grown = np.exp(scores - scores.max())
        return np.asarray(grown / grown.sum(), np.float32)
    if activation == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-scores)), np.float32)
    return np.clip(scores, 0, 1)
