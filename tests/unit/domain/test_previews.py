from rtcstack.domain.previews import Previews, StoryboardSheet, webvtt


def test_each_picture_has_a_cue_with_its_place_in_the_sprite() -> None:
    sheets = (StoryboardSheet("a.jpg", 2, 3), StoryboardSheet("b.jpg", 2, 1))
    previews = Previews("rec_1", "p.jpg", 160, 90, 5_000, sheets, 1)
    assert webvtt(previews, 17_250, lambda key: f"https://x/{key}").splitlines() == [
        "WEBVTT",
        "",
        "00:00:00.000 --> 00:00:05.000",
        "https://x/a.jpg#xywh=0,0,160,90",
        "",
        "00:00:05.000 --> 00:00:10.000",
        "https://x/a.jpg#xywh=160,0,160,90",
        "",
        "00:00:10.000 --> 00:00:15.000",
        "https://x/a.jpg#xywh=0,90,160,90",
        "",
        "00:00:15.000 --> 00:00:17.250",
        "https://x/b.jpg#xywh=0,0,160,90",
    ]


def test_hours_are_written_out_and_the_last_cue_is_never_empty() -> None:
    sheets = (StoryboardSheet("a.jpg", 100, 721),)
    lines = webvtt(Previews("rec_1", "p.jpg", 1, 1, 5_000, sheets, 1), 0, str).splitlines()
    assert lines[-2] == "01:00:00.000 --> 01:00:00.001"
