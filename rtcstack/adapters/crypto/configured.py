"""The keyring that the settings describe."""

from rtcstack.adapters.crypto.appliance_key import ApplianceKey
from rtcstack.adapters.crypto.keyring import Keyring
from rtcstack.adapters.crypto.local import LocalWrapper
from rtcstack.settings import Sealing


def appliance_keys(settings: Sealing) -> dict[str, ApplianceKey]:
    """Return today's appliance key and those of before, by their ids."""
    secrets = (secret.get_secret_value() for secret in (settings.key, *settings.old_keys))
    return {key.id: key for key in map(ApplianceKey, filter(None, secrets))}


def keyring(settings: Sealing) -> Keyring:
    """Return it; nothing is asked of a vault yet."""
    secret = settings.key.get_secret_value()
    local = LocalWrapper(ApplianceKey(secret) if secret else None, appliance_keys(settings))
    if settings.vault_url is None:
        return Keyring([local])
    from rtcstack.adapters.crypto.vault import VaultWrapper  # noqa: PLC0415  # hvac is an optional extra

    vault = VaultWrapper(settings)
    return Keyring([vault, local] if settings.is_vault_first else [local, vault])
