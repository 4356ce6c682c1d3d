"""Secrets at rest, sealed with a data key of the tenant that they belong to."""

from typing import Protocol


class Sealer(Protocol):
    """Both calls raise `PartUnavailable` (part `vault`) when a key has to be unwrapped and the vault does not answer."""

    async def seal(self, tenant_id: str, plaintext: str, context: str) -> str:
        """Encrypt; `context` names the place (`table|column|row`), without which it cannot be opened.

        Must not be awaited inside a transaction: it may write a new data key. Raises `Internal` for a column that is not
        in `repositories/sealed_columns.py`.
        """
        ...

    async def open(self, tenant_id: str, sealed: str, context: str) -> str:
        """Raises `Internal`: `seal_broken` for another tenant, another context or a changed text, as far as they can be told
        apart (`cause`); `sealing_key_missing` when the key that is needed is not configured.
        """
        ...
