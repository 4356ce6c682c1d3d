"""The steps of a build. Two layers change seldom and are kept; the product's own is packed every time."""

import fcntl
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.onefile import interpreter, key, libraries, notices, packages, programs
from deploy.onefile.folder import compile_all, copy
from deploy.onefile.join import join
from deploy.onefile.layer import Layer, find, pack
from rtcstack.appliance.provision.progress import Progress
from rtcstack.appliance.provision.versions import LIVEKIT, MINIO

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
_HERE = Path(__file__).parent
_CHECKOUT = _HERE.parents[1]
_WORK = ".work-"


class Build:
    """One run; `cache` is the appliance's own cache folder, of which it uses a folder of its own."""

    def __init__(self, version: str, cache: Path, environ: Mapping[str, str], progress: Progress) -> None:
        self._version, self._cache, self._environ, self._progress = version, cache, environ, progress
        self._place = cache / "one-file-build"
        self._packer, self._launcher = self._place / "pack", self._place / programs.LAUNCHER

    def run(self, out: Path) -> Path:
        """Write the one file into the folder `out` and return it.

        Raises:
            CannotStart: it could not be built; the message says why.
        """
        self._place.mkdir(parents=True, exist_ok=True)
        with (self._place / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # another build works in the same folder
            for dead in self._place.glob(f"{_WORK}*"):
                shutil.rmtree(dead)
            return self._build(out)

    def _build(self, out: Path) -> Path:
        parts = programs.provide_go(self._cache, self._place, self._environ, self._progress)
        bus = programs.find_redis(self._cache, self._environ, self._progress)
        with self._progress.step("building the launcher"):
            programs.build_launcher(self._launcher, ".", self._environ)
            programs.build_launcher(self._packer, "./pack", self._environ)
        layers = [self._libraries_layer(bus), self._programs_layer(parts), self._product_layer(bus)]
        target = out / f"rtcstack-{self._version}-linux-{ARCHITECTURE}"
        out.mkdir(parents=True, exist_ok=True)
        join(target, self._version, self._launcher, layers)
        return target

    def _layer(self, name: str, facts: str, fill: Callable[[Path], None]) -> Layer:
        target = self._place / f"{name}-{facts}.zst"
        if facts and (kept := find(target)):
            self._progress.say(f"the layer of the {name} is kept from an earlier build")
            return kept
        for older in self._place.glob(f"{name}-*.*"):
            older.unlink()
        with (
            self._progress.step(f"packing the layer of the {name}"),
            tempfile.TemporaryDirectory(dir=self._place, prefix=_WORK) as folder,
        ):
            fill(Path(folder))
            return pack(self._packer, name, Path(folder), target)

    def _libraries_layer(self, bus: Path) -> Layer:
        distributions = packages.closure(_CHECKOUT)
        loader = libraries.find_loader(interpreter.find())
        used = [
            *libraries.linked(loader, interpreter.find()).values(),
            *libraries.linked(loader, bus).values(),
        ]
        beside = {file for one in used for file in one.parent.glob("*.so*") if file.is_file()}

        def fill(folder: Path) -> None:
            interpreter.collect(folder / "python")
            compile_all(folder / "python")
            packages.collect(distributions, folder / "packages")
            programs.collect_redis(bus, folder)
            copied = libraries.collect(loader, folder, folder / "lib")
            notices.collect_system([bus.resolve(), *copied], folder / "notices")
            libraries.install_loader(loader, folder / "lib" / "loader", (programs.LAUNCHER, programs.REDIS))

        seen = key.of_files({interpreter.find(), bus, loader, *beside})
        made_from = (sys.version, key.of_distributions(distributions), seen, key.of_sources())
        return self._layer("libraries", key.key_of(*made_from), fill)

    def _programs_layer(self, parts: list[Path]) -> Layer:
        def fill(folder: Path) -> None:
            programs.collect_go(parts, folder / "bin")
            for program in (LIVEKIT, MINIO):
                notices.collect_go(program, folder / "notices", self._environ)

        return self._layer("programs", key.key_of(key.of_files(parts), key.of_sources()), fill)

    def _product_layer(self, bus: Path) -> Layer:
        def fill(folder: Path) -> None:
            packages.collect_product(_CHECKOUT, folder / "product", self._version)
            copy(_HERE / "start.py", folder / "start.py")
            copy(self._launcher, folder / programs.LAUNCHER)
            about = {
                "platform": f"linux-{ARCHITECTURE}",
                "python": platform.python_version(),
                "livekit": LIVEKIT.version,
                "minio": MINIO.version,
                "redis": programs.redis_version(bus),
            }
            (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")

        return self._layer("product", "", fill)
