"""Whether the model for moderation is the file that was meant. Hashing it takes a moment, so only a start asks."""

import hashlib

from rtcstack.settings.loading import SettingsError
from rtcstack.settings.moderation import Moderation


def check_model(moderation: Moderation) -> None:
    """Raises `SettingsError` if the provider is `local` and its model is missing or has another checksum."""
    if moderation.provider != "local" or moderation.model is None:
        return
    try:
        with moderation.model.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as e:
        raise SettingsError(
            f"RTCSTACK_MODERATION__MODEL: cannot read {moderation.model}: {e.strerror}"
        ) from e
    if digest != moderation.model_sha256:
        raise SettingsError(
            f"RTCSTACK_MODERATION__MODEL_SHA256: {moderation.model} has the SHA-256 {digest}, the setting says"
            f" {moderation.model_sha256}."
        )
