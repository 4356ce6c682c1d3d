"""The settings: what no setting reads, what cannot be used, and the plans."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene
from rtcstack.settings import SettingsError
from rtcstack.settings.loading import Fault, config_file
from rtcstack.settings.model_file import check_model
from rtcstack.settings.names import meant
from rtcstack.settings.plans import load_plans
from rtcstack.settings.tree import PREFIX

_PAGE = "docs/configuration.md"
_REFUSED = "a start is refused as long as this is there: a mistyped setting would otherwise pass unnoticed"
_CONTAINERS = "Names of the compose bundle's `.env` (RTCSTACK_DOMAIN, RTCSTACK_NODE_IP …) count there alone."


@dataclass(frozen=True)
class Config:
    file: Path | None = None
    """The configuration file that counts."""
    passed_over: tuple[str, ...] = ()
    """Names in the environment that look like settings, and that nothing reads."""
    other_faults: tuple[str, ...] = field(default=())
    """Of the files that settings name."""


async def look(scene: Scene) -> Config:
    try:
        file = config_file(scene.environ)
    except SettingsError:
        file = None
    passed_over = (
        name for name in scene.environ if name.upper().startswith(PREFIX) and not name.startswith(PREFIX)
    )
    return Config(file, tuple(passed_over), tuple(_of_files(scene)))


def _of_files(scene: Scene) -> Iterator[str]:
    try:
        load_plans(scene.settings.plans)
    except SettingsError as e:
        yield str(e)
    try:
        check_model(scene.settings.moderation)
    except SettingsError as e:
        yield str(e)


def _in_environment(scene: Scene, fault: Fault) -> str | None:
    """Return the name in the environment by which the value was given; None when it stands elsewhere."""
    return next((name for name in (fault.name, f"{fault.name}_FILE") if name in scene.environ), None)


def _place(scene: Scene, config: Config, fault: Fault) -> str:
    """Return where the value stands, and how it is called there."""
    if given := _in_environment(scene, fault):
        return f"{given} in the environment"
    return f"{'.'.join(fault.path)} in {config.file}" if config.file and fault.path else fault.name


def _instead(scene: Scene, config: Config, fault: Fault) -> str:
    """Return what was probably meant, as it is written where the unknown name stands; empty if nothing is like it."""
    is_in_file = config.file is not None and not _in_environment(scene, fault)
    return meant(fault.name, fault.path, is_in_file=is_in_file) or ""


def unknown(scene: Scene, config: Config) -> Iterator[Verdict]:
    for fault in (fault for fault in scene.faults if fault.is_unknown):
        instead = _instead(scene, config, fault)
        yield wrong(
            f"{_place(scene, config, fault)}: there is no such setting",
            cause=f"{_REFUSED}. {_CONTAINERS}",
            cure=f"Write {instead}, or remove it." if instead else f"Remove it; {_PAGE} lists what there is.",
            page=_PAGE,
        )
    for name in config.passed_over:
        yield doubtful(
            f"{name} in the environment is read by nothing",
            cause="settings are written in capitals",
            cure=f"Write {name.upper()}, or remove it.",
            page=_PAGE,
        )
    if not config.passed_over and not any(fault.is_unknown for fault in scene.faults):
        yield fine("every setting that is given is read by something")


def values(scene: Scene, config: Config) -> Iterator[Verdict]:
    faults = [fault for fault in scene.faults if not fault.is_unknown]
    for fault in faults:
        yield wrong(
            f"{_place(scene, config, fault)}: {fault.text}",
            cause="a start is refused; the other checks go on as if it were not given",
            cure=f"Correct it; {_PAGE} says what each setting takes.",
            page=_PAGE,
        )
    for text in config.other_faults:
        yield wrong(
            text, cause="a start is refused", cure=f"Correct the file; {_PAGE} names its format.", page=_PAGE
        )
    if not faults and not config.other_faults:
        yield fine(f"all values can be used ({config.file or 'no configuration file'})")


FAMILY = Family("config", look, {"unknown": unknown, "values": values})
