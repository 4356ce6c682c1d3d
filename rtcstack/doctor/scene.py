"""What every check is given: the settings, and whether the appliance runs, where, and how it answers."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from rtcstack.appliance import hints, state, stopping
from rtcstack.appliance.folder import DataFolder
from rtcstack.demo.plan import Plan, api_url
from rtcstack.doctor.asking import Answer, ask
from rtcstack.ports.doctor import Outside
from rtcstack.settings import Settings
from rtcstack.settings.loading import Fault

LIVE_SECONDS = 10


@dataclass(frozen=True)
class Scene:
    """`is_apart`: each part is a machine or container of its own, as in the compose bundle; no supervisor is asked."""

    settings: Settings
    environ: Mapping[str, str]
    outside: Outside
    plan: Plan
    faults: tuple[Fault, ...] = ()
    is_apart: bool = False
    snapshot: state.Snapshot | None = None
    leftovers: frozenset[str] = frozenset()
    """Parts that run without a supervisor."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """Of the parts that speak HTTP, by name; of `public` where the API has a public address."""

    @property
    def is_up(self) -> bool:
        api = self.answers.get("api")
        return bool(api and api.status) if self.is_apart else self.snapshot is not None

    @property
    def is_public(self) -> bool:
        """Whether others than this machine are meant to use it."""
        api = self.settings.api
        return not is_loopback_url(api.public_url) if api.public_url else not api.is_loopback

    def command(self, words: str) -> str:
        """Return a command of ours as it is typed where the appliance runs."""
        return (
            f"docker compose run --rm api {words}"
            if self.is_apart
            else hints.command(words, self.settings.data)
        )

    def log_of(self, part: str) -> str:
        """Return the command that shows the end of a part's log."""
        file = hints.shown(self.settings.data / "logs" / f"{part}.log")
        return f"docker compose logs --tail 50 {part}" if self.is_apart else f"tail -n 50 {file}"

    @property
    def restart(self) -> str:
        """Return the commands after which a changed setting counts."""
        if self.is_apart:
            return "  docker compose up -d"
        return f"  {self.command('down')}\n  {self.command('up --detach')}"


def is_loopback_url(url: str | None) -> bool:
    host = hostname(url)
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def hostname(url: str | None) -> str:
    """Return the host of a URL, empty when there is none."""
    rest = (url or "").partition("://")[2].partition("/")[0].rpartition("@")[2]
    return rest[1:].partition("]")[0] if rest.startswith("[") else rest.partition(":")[0]


def is_ours(host: str) -> bool:
    """Whether something on this machine, or in this container, could listen at the host."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind(address)
    except OSError:
        return False
    return True


def plan_of(settings: Settings, environ: Mapping[str, str]) -> Plan:
    """Return the plan of the self-check, which also knows how public addresses are reached from here."""
    return Plan(
        api_url=api_url(settings.data, settings.api.public_url or settings.api.reachable_url),
        data=settings.data,
        bucket=settings.storage.bucket,
        seconds=LIVE_SECONDS,
        key=environ.get("RTCSTACK_DEMO_KEY"),
        edge=environ.get("RTCSTACK_DEMO_EDGE"),
        called_back_by=environ.get("RTCSTACK_DEMO_CALLED_BACK_BY"),
    )


async def look(
    settings: Settings, environ: Mapping[str, str], faults: tuple[Fault, ...], outside: Outside
) -> Scene:
    """Find out whether the appliance runs, and ask those of its parts that speak HTTP."""
    is_apart = not (is_ours(settings.redis.host) and is_ours(settings.livekit.host))
    plan = plan_of(settings, environ)
    snapshot = None if is_apart else state.read(DataFolder(settings.data))
    left = frozenset() if is_apart or snapshot else frozenset(stopping.running(settings.data))
    asked = _addresses(settings, plan, is_apart=is_apart) if is_apart or snapshot else {}
    answers = await asyncio.gather(*(ask(url, headers) for url, headers in asked.values()))
    return Scene(
        settings,
        environ,
        outside,
        plan,
        faults,
        is_apart,
        snapshot,
        left,
        dict(zip(asked, answers, strict=True)),
    )


def _addresses(settings: Settings, plan: Plan, *, is_apart: bool) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Return where each is asked, and the headers that it wants."""
    api = (settings.egress.api_url if is_apart else None) or settings.api.reachable_url
    found: dict[str, tuple[str, Mapping[str, str]]] = {
        "api": (f"{api.rstrip('/')}/readyz", {}),
        "livekit": (f"{settings.livekit.http_url}/", {}),
        "minio": (f"{settings.storage.url}/", {}),
    }
    if settings.api.public_url:
        url, headers = plan.reached(settings.api.public_url.rstrip("/") + "/healthz")
        found["public"] = (url, headers)
    return found
