import av

from rtcstack.demo.encoded import encode_loop
from rtcstack.demo.schedule import Media


def test_every_second_of_the_loop_begins_with_a_keyframe() -> None:
    units = encode_loop(0, Media())
    assert [n for n, unit in enumerate(units) if unit.is_keyframe] == [0, 15, 30, 45]
    assert len(units) == 60


def test_each_unit_is_one_frame_that_decodes_without_a_container() -> None:
    decoder = av.CodecContext.create("h264", "r")
    frames = [
        frame for unit in encode_loop(0, Media())[15:30] for frame in decoder.decode(av.Packet(unit.data))
    ]
    frames += decoder.decode(None)
    assert [(frame.width, frame.height) for frame in frames] == [(640, 360)] * 15


def test_no_unit_is_so_large_that_it_holds_up_the_next() -> None:
    media = Media()
    average_bits = media.bitrate_bps / media.framerate
    assert max(len(unit.data) * 8 for unit in encode_loop(1, media)) < 3 * average_bits
