"""What a sealed secret costs once its tenant's data key is in memory, beside the cipher alone."""

import os
import time
from collections.abc import Awaitable, Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rtcstack.adapters.crypto.sealer import EnvelopeSealer
from rtcstack.bootstrap import open_sealing
from rtcstack.domain.sealing import place
from tests.bench.figures import Figure, of
from tests.support.appliance import Appliance

_RUNS, _TIMES = 5, 5000
_TENANT, _SECRET, _CONTEXT = "default", "k" * 40, place("storages", "secret", "sto_1")
_MUST_MS = 0.1


async def _each_ms(work: Callable[[], Awaitable[object]]) -> list[float]:
    await work()
    took = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        for _ in range(_TIMES):
            await work()
        took.append((time.perf_counter() - began) / _TIMES * 1000)
    return took


def _cipher_ms() -> float:
    cipher, nonce = AESGCM(os.urandom(32)), os.urandom(12)
    began = time.perf_counter()
    for _ in range(_TIMES):
        cipher.encrypt(nonce, _SECRET.encode(), _CONTEXT.encode())
    return (time.perf_counter() - began) / _TIMES * 1000


async def _figures(sealer: EnvelopeSealer) -> list[Figure]:
    sealed = await sealer.seal(_TENANT, _SECRET, _CONTEXT)
    beside = f"the cipher alone: {_cipher_ms():.4f} ms"
    seal = await _each_ms(lambda: sealer.seal(_TENANT, _SECRET, _CONTEXT))
    opened = await _each_ms(lambda: sealer.open(_TENANT, sealed, _CONTEXT))
    return [
        of("sealing a secret", seal, "ms", target=_MUST_MS, beside=beside),
        of("opening it", opened, "ms", target=_MUST_MS, beside=beside),
    ]


async def measure(appliance: Appliance) -> list[Figure]:
    async with open_sealing(appliance.settings) as (_, rotation):
        sealer = rotation._sealer
        assert isinstance(sealer, EnvelopeSealer)
        return await _figures(sealer)
