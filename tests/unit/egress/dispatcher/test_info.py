from typing import Any

from livekit.protocol import egress as pb

from rtcstack.adapters.psrpc.messages import StartEgressRequest
from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher import requests
from rtcstack.egress.dispatcher.journal import Stored
from rtcstack.egress.dispatcher.side_files import SideResult
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order
from rtcstack.settings import Storage

_ORDER = Order("EG_1", "RM_1", "room", "room/a.mp4", 10, Encoding(), "grid", has_audio=True, has_video=True)
_STORED = Stored(500, 2000, "ab", "http://store/b/room/a.mp4", 11, 2_000_000_011, recovered=False)


def _starting(**fields: Any) -> pb.EgressInfo:
    composite = pb.RoomCompositeEgressRequest(room_name="room", **fields)
    request = StartEgressRequest(egress_id="EG_1", room_id="RM_1", room_composite=composite)
    return infos.starting(request, requests.parse(request, storage=Storage(), now_ns=10).order)


def _file(**fields: Any) -> pb.EncodedFileOutput:
    return pb.EncodedFileOutput(filepath="room/a.mp4", **fields)


def test_an_accepted_egress_shows_its_request_without_secrets() -> None:
    info = _starting(file_outputs=[_file(s3=pb.S3Upload(access_key="KEY", secret="SECRET", bucket="b"))])
    assert (info.egress_id, info.room_id, info.room_name) == ("EG_1", "RM_1", "room")
    assert info.status == pb.EgressStatus.EGRESS_STARTING
    assert info.room_composite.file_outputs[0].s3.bucket == "b"
    assert "SECRET" not in str(info)
    assert info.file_results[0].filename == "room/a.mp4"


def test_a_life_from_the_first_frame_to_the_store() -> None:
    info = _starting(file_outputs=[_file()])
    infos.active(info, 11, 12)
    assert (info.status, info.started_at) == (pb.EgressStatus.EGRESS_ACTIVE, 11)
    infos.ending(info, infos.BY_API, 13)
    assert (info.status, info.details) == (pb.EgressStatus.EGRESS_ENDING, "End reason: StopEgress API")
    infos.complete(info, _ORDER, _STORED, SideResult(), 14)
    assert (info.status, info.ended_at) == (pb.EgressStatus.EGRESS_COMPLETE, 14)
    file = info.file_results[0]
    assert (file.size, file.duration, file.location) == (500, 2_000_000_000, _STORED.location)
    assert (file.started_at, file.ended_at) == (11, 2_000_000_011)
    assert not info.HasField("file")


def test_a_detail_that_begins_like_another_one_is_told_as_well() -> None:
    info = pb.EgressInfo(details="recovered after the worker was killed")
    infos.add_detail(info, "recovered")
    infos.add_detail(info, "recovered")
    assert info.details == "recovered after the worker was killed; recovered"


def test_a_late_first_frame_does_not_undo_the_ending() -> None:
    info = _starting(file_outputs=[_file()])
    infos.ending(info, infos.BY_API, 12)
    infos.active(info, 11, 13)
    assert info.status == pb.EgressStatus.EGRESS_ENDING
    assert info.started_at == 11


def test_the_time_of_an_update_never_goes_back() -> None:
    info = _starting(file_outputs=[_file()])
    infos.active(info, 11, 100)
    infos.ending(info, infos.BY_API, 50)
    assert info.updated_at == 101


def test_the_older_request_form_gets_its_answer_in_the_older_form() -> None:
    info = _starting(file=_file())
    infos.complete(info, _ORDER, _STORED, SideResult(), 14)
    assert info.file == info.file_results[0]


def test_the_start_is_known_even_if_its_report_was_lost() -> None:
    info = _starting(file_outputs=[_file()])
    infos.complete(info, _ORDER, _STORED, SideResult(), 14)
    assert info.started_at == info.file_results[0].started_at == 11


def test_failures_and_aborts_have_an_end() -> None:
    failed, aborted = _starting(file_outputs=[_file()]), _starting(file_outputs=[_file()])
    begun = _starting(file_outputs=[_file()])
    infos.active(begun, 11, 12)
    infos.failed(begun, "the store said no", 403, 14, 13)
    infos.failed(failed, "the store said no", 403, 14)
    infos.aborted(aborted, "nothing there", 14)
    assert (failed.status, failed.error, failed.error_code) == (
        pb.EgressStatus.EGRESS_FAILED,
        "the store said no",
        403,
    )
    assert (aborted.status, aborted.error) == (pb.EgressStatus.EGRESS_ABORTED, "nothing there")
    assert failed.ended_at == aborted.ended_at == begun.ended_at == 14
    assert [(one.started_at, one.ended_at) for one in (*failed.file_results, *begun.file_results)] == [
        (0, 0),
        (11, 13),
    ]
    assert not aborted.file_results
