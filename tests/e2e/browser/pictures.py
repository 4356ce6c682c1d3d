"""Takes the pictures of the documentation: every page of an appliance of its own, light and dark, wide and narrow."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from tests.e2e.browser import album
from tests.e2e.browser.dashboard_pictures import dashboard_pictures, form_pictures
from tests.e2e.browser.join_pictures import join_pictures
from tests.e2e.browser.scene import Scene
from tests.support.appliance import Appliance
from tests.support.environment import free_environment

_PARTS = ("dashboard", "forms", "join")


async def _pictures(appliance: Appliance, folder: Path, parts: set[str]) -> None:
    images = album.DOCS / "images"
    if "dashboard" in parts:
        await dashboard_pictures(appliance, images)
    if "forms" in parts:
        await form_pictures(appliance, images)
    if "join" in parts:
        await join_pictures(Scene(appliance), folder, images / "join")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="|".join(_PARTS), help="all, unless some are named")
    parts = set(parser.parse_args().parts or _PARTS)
    if unknown := parts - {*_PARTS}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="rtcstack-pictures-") as folder:
        appliance = Appliance(Path(folder) / "data", free_environment())
        try:
            appliance.start()
            asyncio.run(_pictures(appliance, Path(folder), parts))
        finally:
            appliance.remove()
            album.write()


if __name__ == "__main__":
    main()
