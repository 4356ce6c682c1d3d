"""A family of checks: looks once, and judges what it has seen in several ways."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rtcstack.doctor.finding import Finding, Verdict, doubtful
from rtcstack.doctor.scene import Scene


@dataclass(frozen=True, slots=True)
class Family:
    """`look` does the I/O and returns facts; each of `checks` judges them, by the last part of its id.

    A check that has nothing to say about this installation says nothing.
    """

    name: str
    look: Callable[[Scene], Awaitable[Any]]
    checks: Mapping[str, Callable[[Scene, Any], Iterable[Verdict]]]

    @property
    def ids(self) -> list[str]:
        return [f"{self.name}.{name}" for name in self.checks]

    async def findings(self, scene: Scene) -> list[Finding]:
        """Return what every check says; one that fails itself says that, so that the others are heard."""
        try:
            facts = await self.look(scene)
        except Exception as e:  # noqa: BLE001 - whatever it met: it is told, and the other families go on
            return [Finding.of(name, _could_not(e)) for name in self.ids]
        return [
            Finding.of(f"{self.name}.{name}", v)
            for name in self.checks
            for v in self._judged(name, scene, facts)
        ]

    def _judged(self, name: str, scene: Scene, facts: Any) -> Iterator[Verdict]:
        try:
            yield from self.checks[name](scene, facts)
        except Exception as e:  # noqa: BLE001 - as above
            yield _could_not(e)


def _could_not(error: Exception) -> Verdict:
    return doubtful(
        f"This could not be looked at: {type(error).__name__}: {error}",
        cause="the check met something that it does not expect, or may not see",
        cure="Run it as the user whom the appliance runs as; if it says so even then, report this line.",
    )
