"""The uploader against the real store."""

import hashlib
import os
from pathlib import Path
from uuid import uuid4

import pytest
from minio import Minio

from rtcstack.egress.dispatcher import store, uploader
from rtcstack.errors import PartUnavailable
from rtcstack.settings import Settings
from tests.support.ports import free_port


async def _upload(target: store.Store, file: Path) -> str:
    sha256 = await uploader.hash_file(file)
    await uploader.upload(
        target,
        file,
        "room/big.mp4",
        content_type="video/mp4",
        metadata={"rtcstack-egress": "EG_1"},
        sha256=sha256,
    )
    return sha256


async def test_a_file_of_several_parts_arrives_whole_in_a_bucket_that_was_not_there(
    settings: Settings, bucket: Minio, tmp_path: Path
) -> None:
    file, content = tmp_path / "big.mp4", os.urandom(uploader.PART_BYTES * 2 + 12_345)
    file.write_bytes(content)
    target = store.configured(settings.storage.model_copy(update={"bucket": f"new-{uuid4().hex[:8]}"}))
    sha256 = await _upload(target, file)
    assert sha256 == hashlib.sha256(content).hexdigest()
    head = bucket.stat_object(target.bucket, "room/big.mp4")
    assert (head.metadata or {})["x-amz-meta-rtcstack-sha256"] == sha256
    assert head.content_type == "video/mp4"
    with bucket.get_object(target.bucket, "room/big.mp4") as response:
        assert response.read() == content


async def test_nobody_there_is_trouble_that_may_pass(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(b"x")
    away = store.configured(settings.storage.model_copy(update={"port": free_port()}))
    with pytest.raises(PartUnavailable, match="does not answer"):
        await _upload(away, file)
    with pytest.raises(PartUnavailable, match="does not answer"):
        await uploader.ensure_bucket(away)
