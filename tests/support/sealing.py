"""A real sealer with an appliance key of the tests' own."""

from rtcstack.adapters.crypto.configured import appliance_keys, keyring
from rtcstack.adapters.crypto.sealer import EnvelopeSealer
from rtcstack.clock import Clock
from rtcstack.ports.database import Database
from rtcstack.services.sealing.data_keys import DataKeys
from rtcstack.settings import Sealing


def sealer_for(db: Database, clock: Clock, key: str = "an appliance key", *old_keys: str) -> EnvelopeSealer:
    settings = Sealing.model_validate({"key": key, "old_keys": old_keys})
    return EnvelopeSealer(DataKeys(db, clock, keyring(settings)), appliance_keys(settings))
