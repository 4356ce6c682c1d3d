"""Every setting, in one frozen tree.

Order, the first one that speaks wins: the environment (`RTCSTACK_LIVEKIT__PORT=7890`), the configuration file
(`config/rtcstack.toml` or the one that `RTCSTACK_CONFIG` names), the secrets that the first start wrote into the data
folder, the default. Every secret may be given as `…_FILE`, the name of a file that holds it. `MINIO_BUCKET` is
honoured as another name of `RTCSTACK_STORAGE__BUCKET`.

Nothing is read at import time: `load` takes the environment as an argument.
"""

from rtcstack.settings.egress import Egress
from rtcstack.settings.loading import SECRETS, SettingsError, load
from rtcstack.settings.logging import Log
from rtcstack.settings.moderation import Moderation
from rtcstack.settings.sealing import Sealing
from rtcstack.settings.tree import (
    Api,
    Clips,
    Database,
    LiveKit,
    Previews,
    Redis,
    Rooms,
    Settings,
    Storage,
    Webhooks,
)

__all__ = [
    "SECRETS",
    "Api",
    "Clips",
    "Database",
    "Egress",
    "LiveKit",
    "Log",
    "Moderation",
    "Previews",
    "Redis",
    "Rooms",
    "Sealing",
    "Settings",
    "SettingsError",
    "Storage",
    "Webhooks",
    "load",
]
