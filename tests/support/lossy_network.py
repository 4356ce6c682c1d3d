"""A bad network between participants and LiveKit: what they send each other is lost and delayed on purpose.

Kernels without `netem` are common, so a relay of our own does it. Participants run in a network namespace where
LiveKit's addresses are sockets of this process: it passes signalling on as it is, and each packet of media after a delay
of its own, or not at all. LiveKit and whoever else is in the room are untouched.
"""

import asyncio
import contextlib
import json
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from types import TracebackType
from typing import Self

from rtcstack.demo.schedule import Media
from rtcstack.settings import LiveKit

_START_S = 30
_CHUNK = 1 << 16
_ADDRESS = "127.9.9.9"
"""Of the participants' card. LiveKit tries it as well, where nobody answers, and no packet leaves the machine for that."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it is, in both directions."""

    loss: float = 0.05
    jitter_s: float = 0.2
    """Each packet is delayed by anything from nothing to this, whatever became of the one before."""
    seed: int = 1


@dataclass
class Passed:
    """Packets of media in both directions."""

    packets: int = 0
    lost: int = 0


class LossyNetwork:
    """`with LossyNetwork(settings.livekit) as network:` then start participants with `network.argv(…)`."""

    def __init__(self, livekit: LiveKit, weather: Weather | None = None) -> None:
        self._livekit, self._weather = livekit, weather or Weather()
        self._random = random.Random(self._weather.seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lossy-network", daemon=True)
        self._uplinks: dict[tuple[str, int], _Uplink] = {}
        self.passed = Passed()

    def __enter__(self) -> Self:
        self._channel, theirs = socket.socketpair()
        ports = (str(self._livekit.port), str(self._livekit.rtc_udp_port))
        end = [sys.executable, "-m", "tests.support.lossy_end", str(theirs.fileno()), _ADDRESS, *ports]
        with theirs:
            self._end = subprocess.Popen(
                ["unshare", "--net", "--map-root-user", *end], pass_fds=[theirs.fileno()]
            )
        self._channel.settimeout(_START_S)
        _, (media, signalling), _, _ = socket.recv_fds(self._channel, 16, 2)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(media, signalling), self._loop).result(_START_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._channel.close()
        self._end.wait(_START_S)

    def argv(self, *command: str) -> list[str]:
        """Return the command that runs another one behind the bad network."""
        enter = ["nsenter", f"--target={self._end.pid}", "--user", "--preserve-credentials", "--net"]
        return [*enter, *command]

    @contextlib.contextmanager
    def participant(self, url: str, token: str, index: int, media: Media) -> Iterator[None]:
        """Let somebody behind this network be in the room."""
        argv = [sys.executable, "-m", "tests.support.lossy_participant"]
        argv += [url, token, str(index), json.dumps(asdict(media))]
        person = subprocess.Popen(self.argv(*argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert person.stdout is not None
            line = person.stdout.readline()
            assert line == "ok\n", f"the participant did not come: {line!r}"
            yield
        finally:
            person.communicate()

    async def _serve(self, media: int, signalling: int) -> None:
        own = socket.socket(fileno=media)
        own.setblocking(False)
        self._media, _ = await self._loop.create_datagram_endpoint(lambda: _Far(self), sock=own)
        self._server = await asyncio.start_server(self._signal, sock=socket.socket(fileno=signalling))

    async def _close(self) -> None:
        self._server.close()
        self._media.close()
        for uplink in self._uplinks.values():
            uplink.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _signal(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._livekit.port)
        await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))

    def up(self, data: bytes, sender: tuple[str, int]) -> None:
        """Pass a participant's packet on, by a socket for each of its own."""
        uplink = self._uplinks.get(sender)
        if uplink is None:
            uplink = self._uplinks[sender] = _Uplink(self, sender, self._livekit.rtc_udp_port)
        self._pass(uplink.send, data)

    def down(self, data: bytes, receiver: tuple[str, int]) -> None:
        """Pass LiveKit's packet on to that socket of a participant."""
        self._pass(partial(self._media.sendto, addr=receiver), data)

    def _pass(self, send: Callable[[bytes], object], data: bytes) -> None:
        self.passed.packets += 1
        if self._random.random() < self._weather.loss:
            self.passed.lost += 1
        else:
            self._loop.call_later(self._random.uniform(0, self._weather.jitter_s), send, data)


class _Far(asyncio.DatagramProtocol):
    """What participants send to where they believe LiveKit to be."""

    def __init__(self, network: LossyNetwork) -> None:
        self._network = network

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._network.up(data, addr)


class _Uplink:
    """Our socket towards LiveKit for one of a participant's."""

    def __init__(self, network: LossyNetwork, sender: tuple[str, int], udp_port: int) -> None:
        self._network, self._sender = network, sender
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect(("127.0.0.1", udp_port))
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def send(self, data: bytes) -> None:
        with contextlib.suppress(
            OSError
        ):  # closed meanwhile, or LiveKit is gone: a packet that is lost, like others
            self._socket.send(data)

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._network.down(self._socket.recv(_CHUNK), self._sender)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
