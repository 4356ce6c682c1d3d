"""The local provider, with a model that really computes."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from rtcstack.adapters.moderation.local import LocalModerator
from rtcstack.adapters.moderation.wire import LocalModel
from rtcstack.errors import Invalid
from tests.support.moderation import GREY, RED, SIZE_PX, Model, jpeg, redness_model


def _setup(model: Model, **changes: Any) -> LocalModel:
    plain = LocalModel(
        file=model.file,
        sha256=model.sha256,
        labels=("normal", "red"),
        safe_labels=("normal",),
        input_size=48,
        layout="auto",
        mean=0,
        std=1,
        output=None,
        activation="softmax",
    )
    return msgspec.structs.replace(plain, **changes)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return redness_model(tmp_path / "redness.onnx")


@pytest.mark.parametrize("is_nchw", [True, False])
def test_the_redder_the_likelier(tmp_path: Path, is_nchw: bool) -> None:
    moderator = LocalModerator(_setup(redness_model(tmp_path / "m.onnx", is_nchw=is_nchw)))
    grey, red, mixed = moderator.look([jpeg(GREY), jpeg(RED, 1280, 720), jpeg((140, 110, 110))])
    assert [seen.picture for seen in (grey, red, mixed)] == [0, 1, 2]
    assert {seen.category for seen in (grey, red, mixed)} == {"red"}
    assert grey.likelihood == pytest.approx(0.047, abs=0.01)
    assert red.likelihood > 0.99
    # 30 times 30/255, less 3, is 0.53; JPEG shifts colours a little.
    assert mixed.likelihood == pytest.approx(0.63, abs=0.08)


def test_what_is_no_picture_is_passed_over(model: Model) -> None:
    seen = LocalModerator(_setup(model)).look([b"", b"no picture", jpeg(RED)])
    assert [one.picture for one in seen] == [2]


def test_mean_and_std_are_applied_to_values_from_0_to_1(model: Model) -> None:
    [plain] = LocalModerator(_setup(model, activation="none", labels=("normal", "x"))).look([jpeg(RED)])
    assert plain.likelihood == 1  # 22 or so, and no likelihood is above 1
    [halved] = LocalModerator(_setup(model, mean=0.5, std=10)).look([jpeg(RED)])
    # 30 times (230 - 20)/255/10, less 3, is -0.53
    assert halved.likelihood == pytest.approx(1 / (1 + np.exp(0.53)), abs=0.05)


def test_sigmoid_judges_each_label_by_itself(model: Model) -> None:
    setup = _setup(model, activation="sigmoid", labels=("a", "b"), safe_labels=())
    seen = LocalModerator(setup).look([jpeg(GREY)])
    assert [(one.category, round(one.likelihood, 1)) for one in seen] == [("a", 0.5), ("b", 0.0)]


def test_another_file_is_refused_with_both_checksums(model: Model) -> None:
    model.file.write_bytes(model.file.read_bytes() + b"\0")
    with pytest.raises(Invalid, match=f"MODEL_SHA256: .* {model.sha256}"):
        LocalModerator(_setup(model))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": ("normal", "red", "blue")}, "LABELS: the model gives 2 numbers, and there are 3 labels"),
        ({"output": "scores"}, "OUTPUT: the model has no output scores; it has logits"),
        ({"file": Path("missing.onnx")}, "MODEL: cannot read missing.onnx: No such file"),
        ({"layout": "nhwc"}, "MODEL: it cannot judge a picture of"),
    ],
)
def test_settings_that_do_not_suit_the_model_are_named(
    model: Model, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        LocalModerator(_setup(model, **changes))


def test_a_file_that_is_no_model_is_refused(model: Model) -> None:
    model.file.write_bytes(b"no model")
    with pytest.raises(Invalid, match="MODEL: onnxruntime cannot load it"):
        LocalModerator(_setup(replace(model, sha256=_digest(model.file))))


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    words = helper.make_tensor_value_info("words", TensorProto.INT64, ["n"])
    out = helper.make_tensor_value_info("out", TensorProto.INT64, ["n"])
    graph = helper.make_graph([helper.make_node("Identity", ["words"], ["out"])], "words", [words], [out])
    file = tmp_path / "words.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), str(file))
    with pytest.raises(Invalid, match="one batch of pictures as floats"):
        LocalModerator(_setup(Model(file, _digest(file))))


def test_a_model_that_fixes_its_size_is_given_that(model: Model) -> None:
    assert LocalModerator(_setup(model, input_size=500))._size == (SIZE_PX, SIZE_PX)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
