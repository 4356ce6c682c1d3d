"""The sidecar carries what a reader would have to fetch otherwise, and older ones are still read."""

import gzip
import zlib
from pathlib import Path

import msgspec
import pytest

from rtcstack.egress.container.index import VERSION, Index, build_index, pack_index, unpack_index
from tests.support.numbered import record


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("index") / "recording.mp4", 3.0)


@pytest.fixture(scope="module")
def index(file: Path) -> Index:
    return build_index(file, ())


def test_it_carries_everything_of_the_file_but_its_media(file: Path, index: Index) -> None:
    content, moov = file.read_bytes(), index.read_moov()
    assert index.version == VERSION == 2
    assert moov == content[index.moov.offset : index.moov.offset + index.moov.size]
    assert content.startswith(index.head)
    assert index.head.endswith(b"mdat") or b"mdat" in index.head[-16:]
    assert len(index.head) + len(moov) < len(content) - sum(k.size for k in index.keyframes)


def test_the_same_recording_gives_the_same_bytes(file: Path, index: Index) -> None:
    assert pack_index(index) == pack_index(build_index(file, ()))
    assert unpack_index(pack_index(index)) == index


def test_version_1_is_read_and_carries_nothing(index: Index) -> None:
    content = msgspec.json.decode(msgspec.json.encode(index)) | {"version": 1}
    del content["head"], content["moov_deflated"]
    old = unpack_index(gzip.compress(msgspec.json.encode(content)))
    assert (old.version, old.head, old.read_moov()) == (1, b"", None)
    assert (old.moov, old.keyframes) == (index.moov, index.keyframes)


@pytest.mark.parametrize("carried", [b"nothing", zlib.compress(b"too short")])
def test_a_damaged_moov_is_told(index: Index, carried: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        msgspec.structs.replace(index, moov_deflated=carried).read_moov()


def test_what_unpacks_without_end_is_refused() -> None:
    bomb = zlib.compressobj(wbits=31)
    packed = b"".join(bomb.compress(bytes(1024 * 1024)) for _ in range(300)) + bomb.flush()
    with pytest.raises(ValueError, match="larger than"):
        unpack_index(packed)
