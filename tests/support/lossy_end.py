"""The far end of a bad network (`lossy_network.py`): a network namespace with LiveKit's addresses in it.

    unshare --net --map-root-user python -m tests.support.lossy_end SOCKET ADDRESS TCP_PORT UDP_PORT

opens both ports on the namespace's own 127.0.0.1, sends the two sockets over SOCKET and holds the namespace until that closes.
"""

import socket
import subprocess
import sys

_CARD = (
    "link set lo up",
    "link add eth0 type veth peer name cable",
    "address add {address}/24 dev eth0",
    "link set eth0 up",
    "link set cable up",
)
"""WebRTC uses no address of lo (RFC 8445), so there is a card, whose cable leads back into the namespace."""


def main(descriptor: str, address: str, tcp_port: str, udp_port: str) -> None:
    for command in _CARD:
        subprocess.run(["ip", *command.format(address=address).split()], check=True)
    channel = socket.socket(fileno=int(descriptor))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media,
        socket.create_server(("127.0.0.1", int(tcp_port))) as signalling,
    ):
        media.bind(("127.0.0.1", int(udp_port)))
        socket.send_fds(channel, [b"ready"], [media.fileno(), signalling.fileno()])
    channel.recv(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
