"""How the pages write numbers: sizes, lengths of time, instants."""

from datetime import UTC, datetime

from markupsafe import Markup

from rtcstack.domain.instant import iso_ms
from rtcstack.plural import counted

_KB = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_TEN = 10
_SET = (("TiB", 2**40), ("GiB", 2**30))
_CODECS = {
    "h264": "H.264",
    "hevc": "H.265",
    "vp8": "VP8",
    "vp9": "VP9",
    "av1": "AV1",
    "aac": "AAC",
    "opus": "Opus",
    "mp3": "MP3",
}
_SOUNDS = {"1": "mono", "2": "stereo"}
_SPANS = (("day", 24 * 3600), ("hour", 3600), ("minute", 60), ("second", 1))


def sentence(text: str) -> str:
    """Return what a part has said of a fault, with its first letter as a sentence has it."""
    return text[:1].upper() + text[1:]


def size(n_bytes: int | None) -> str:
    """Return `1.2 GB`: three digits at most, by thousands."""
    value, unit = float(n_bytes or 0), 0
    while value >= _KB - 0.5 and unit < len(_UNITS) - 1:
        value, unit = value / _KB, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit and value < _TEN else f"{value:.0f} {_UNITS[unit]}"


def duration(ms: float | None) -> str:
    """Return `4:05` or `1:04:05`."""
    minutes, seconds = divmod(round((ms or 0) / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def moment(ms: float | None) -> str:
    """Return `4:05.5`, to the tenth of a second, or `4:05`."""
    seconds, tenths = divmod(round((ms or 0) / 100), 10)
    return duration(seconds * 1000) + (f".{tenths}" if tenths else "")


def stream(word: str) -> str:
    """Return what a file has in it (`egress/container/stream_info.py`): `H.264, 1280 by 720, 30 pictures a second`."""
    codec, *rest = word.split(",")
    name = _CODECS.get(codec, codec)
    match rest:
        case [frame, rate] if frame.replace("x", "").isdigit() and "x" in frame:
            return f"{name}, {frame.replace('x', ' by ')}, {rate} pictures a second"
        case [rate_hz, channels] if rate_hz.isdigit():
            sound = _SOUNDS.get(channels, f"{channels} channels")
            return f"{name}, {int(rate_hz) / 1000:g} kHz, {sound}"
    return word


def instant(at_ms: int | None) -> Markup:
    """Return a `<time>` that a script shows in the reader's own time zone."""
    if at_ms is None:
        return Markup("&ndash;")
    plain = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return Markup('<time datetime="{}">{} UTC</time>').format(iso_ms(at_ms), plain)


def span(seconds: float) -> str:
    """Return `30 days`, `1 hour` or `90 seconds`: in the largest unit of which it is a whole number."""
    for unit, unit_s in _SPANS:
        if seconds >= unit_s and seconds % unit_s == 0:
            return counted(int(seconds // unit_s), unit)
    return f"{seconds:g} seconds"


def age(seconds: float) -> str:
    """Return `3 hours`: how many of the largest unit have passed."""
    for unit, unit_s in _SPANS:
        if seconds >= unit_s:
            return counted(int(seconds // unit_s), unit)
    return "less than a second"


def limit(n_bytes: int) -> str:
    """Return a size that somebody has set: as `1 TiB` or `10 GiB` if it is so many, else as other sizes."""
    for unit, unit_bytes in _SET:
        if n_bytes and n_bytes % unit_bytes == 0:
            return f"{n_bytes // unit_bytes} {unit}"
    return size(n_bytes)


def since(at_ms: int, now_ms: int) -> Markup:
    """Return a length of time that a script lets go on."""
    return Markup('<span class="ticking" data-since="{}">{}</span>').format(
        at_ms, duration(max(0, now_ms - at_ms))
    )


def number(n: int) -> str:
    """Return `12 345` with narrow spaces that do not break."""
    return f"{n:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
