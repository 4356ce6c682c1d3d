"""`rtcstack doctor` on a running appliance: well as a whole, and what is broken in it is named."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from minio import Minio

from tests.support.appliance import Appliance, running_appliance

pytestmark = pytest.mark.alone  # it records, and holds the file against the clock

_THIS_MACHINE = ("clock.service", "disk.", "limits.", "machine.", "ports.outgoing", "pending.agreement")
"""What a machine that tests run on may lack; too busy, it may have let a look of the reconciler fail."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """An appliance that nothing else has been tried on."""
    with running_appliance(tmp_path_factory.mktemp("doctor")) as made:
        yield made


def _examine(own: Appliance, *words: str) -> tuple[int, dict[str, Any], dict[str, list[str]]]:
    """Return the exit status, all that was told, and the sentences of what is an error, by id."""
    ran = own.command("doctor", "--json", *words)
    told = json.loads(ran.stdout)
    errors: dict[str, list[str]] = {}
    for finding in told["findings"]:
        if finding["level"] == "error":
            assert finding["cause"]
            assert finding["cure"]
            errors.setdefault(finding["id"], []).append(finding["seen"])
    return ran.returncode, told, errors


def test_a_healthy_one_is_well_and_a_recording_proves_it(own: Appliance) -> None:
    status, told, errors = _examine(own)
    assert (status, errors) == (0, {}), told
    assert (told["ok"], told["running"], told["live"]["ran"]) == (True, True, True)
    unwell = [f["id"] for f in told["findings"] if f["level"] == "warning" and f["id"] != "live.recording"]
    assert [name for name in unwell if not name.startswith(_THIS_MACHINE)] == []
    well = {finding["id"] for finding in told["findings"] if finding["level"] == "ok"}
    assert well >= {
        "parts.state",
        "parts.answers",
        "ports.listened",
        "clock.steps",
        "machine.workers",
    }
    assert well >= {"database.integrity", "database.schema", "database.key", "store.bucket", "pending.spool"}


def test_it_reads_well_on_a_terminal(own: Appliance) -> None:
    ran = own.command("doctor", "--no-live")
    assert ran.returncode == 0, ran.stdout
    assert "parts.state          ok       all 5 parts are healthy\n" in ran.stdout
    assert "The live check was left out. --no-live was given." in ran.stdout


def test_a_part_that_stands_still_is_named_by_the_live_check_too(own: Appliance) -> None:
    with own.holding("livekit"):
        status, told, errors = _examine(own)
    assert status == 1
    assert any(seen.startswith("livekit, as the API sees it: ") for seen in errors["parts.answers"])
    [live] = [finding for finding in told["findings"] if finding["id"] == "live.recording"]
    assert live["level"] == "error"
    assert live["seen"].startswith("Appliance ready: ")
    assert "parts.answers" in live["cure"]


def test_a_bucket_that_is_gone_is_named(own: Appliance) -> None:
    store = own.settings.storage
    client = Minio(
        f"{store.host}:{store.port}",
        store.access_key.get_secret_value(),
        store.secret_key.get_secret_value(),
        region=store.region,
        secure=False,
    )
    for entry in client.list_objects(store.bucket, recursive=True):
        client.remove_object(store.bucket, str(entry.object_name))
    client.remove_bucket(store.bucket)
    status, told, errors = _examine(own, "--no-live")
    assert status == 1
    assert "(NoSuchBucket)" in errors["store.bucket"][0]
    assert any(seen.startswith("minio, as the API sees it: ") for seen in errors["parts.answers"])
    assert told["live"]["left_out"] == "--no-live was given."
