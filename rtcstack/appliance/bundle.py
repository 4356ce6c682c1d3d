"""What the parts of the compose bundle are given by its first container, `rtcstack configure`.

Natively the supervisor renders a part's configuration when it starts it. In the bundle every part is a container of its
own that knows nothing of ours: it finds its file, and the secrets that it needs, in a volume that all parts may read. The
appliance's key is not among them: it stays with the API.
"""

from pathlib import Path
from typing import TypeVar

from rtcstack.appliance import templates
from rtcstack.appliance.parts import livekit, redis
from rtcstack.appliance.secrets import write_private
from rtcstack.settings import SECRETS as ALL_SECRETS
from rtcstack.settings import LiveKit, Redis, Settings

SECRETS = tuple(name for name in ALL_SECRETS if name != ("sealing", "key"))
"""The secrets that parts share."""
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside a container; what is published, compose says
_Host = TypeVar("_Host", LiveKit, Redis)


def _listening(section: _Host) -> _Host:
    """Return the settings as the part itself needs them: for all others `host` is the part's name."""
    return section.model_copy(update={"host": _EVERYWHERE})


def files(settings: Settings, redis_folder: Path) -> dict[str, str]:
    """Return what lies in the volume, by name.

    Raises:
        CannotStart: a name in the settings leads nowhere.
    """
    api_url = (settings.egress.api_url or settings.api.reachable_url).rstrip("/")
    found = {
        "livekit.yaml": livekit.configuration(
            settings.model_copy(update={"livekit": _listening(settings.livekit)}), api_url
        ),
        "redis.conf": redis.configuration(
            settings.model_copy(update={"redis": _listening(settings.redis)}), redis_folder
        ),
    }
    for section, name in SECRETS:
        found[f"{section}_{name}"] = getattr(getattr(settings, section), name).get_secret_value()
    return found


def stock_egress(settings: Settings, folder: Path) -> str:
    """Return the configuration of a stock livekit/egress, which keeps in `folder` what it cannot upload."""
    own, store, bus = settings.livekit, settings.storage, settings.redis
    values = {
        "api_key": own.api_key.get_secret_value(),
        "api_secret": own.api_secret.get_secret_value(),
        "ws_url": own.ws_url,
        "redis_address": f"{bus.host}:{bus.port}",
        "redis_password": bus.password.get_secret_value(),
        "access_key": store.access_key.get_secret_value(),
        "secret_key": store.secret_key.get_secret_value(),
        "region": store.region,
        "endpoint": store.url,
        "bucket": store.bucket,
        "backup": str(folder / "backup"),
    }
    return templates.render("egress.yaml", {name: templates.yaml_quoted(v) for name, v in values.items()})


def write(settings: Settings, folder: Path, redis_folder: Path, egress_folder: Path | None = None) -> None:
    """Write the files, and the stock Egress's to `egress_folder` if one is given; raises what `files` does."""
    for name, text in files(settings, redis_folder).items():
        write_private(folder / name, text)
    if egress_folder is not None:
        file = egress_folder / "egress.yaml"
        write_private(file, stock_egress(settings, egress_folder))
        file.chmod(0o644)  # the stock image runs as a user of its own; nobody else has the volume
