"""How much of each: a little in every run of the tests, the issue's own counts by `scripts/test --chaos full`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    kills: int = 5
    """Of the API, at random instants under load."""
    duplicates: int = 25
    """Of each event of one egress."""
    api_down_s: float = 1
    """How long the API stays down while a recording ends."""
    store_down_s: float = 6
    receiver_down_s: float = 6
    backlog: int = 500
    """Webhooks that wait for one endpoint."""
    hung: int = 100
    """Webhooks for an endpoint that never answers."""
    rotated: int = 200
    """Webhooks while the secret is rotated."""
    faults: int = 7
    """Of parts in turn, while rooms are recorded: there are 17, chosen at random."""
    examples: int = 1
    """Of each way to call a route."""
    strangers: int = 2
    tenants: int = 400
    """With a sealed secret each, while the appliance key is rotated."""
    rotations_killed: int = 1


SMALL = Counts()
FULL = Counts(
    kills=200,
    duplicates=100,
    api_down_s=600,
    store_down_s=60,
    receiver_down_s=60,
    backlog=10_000,
    hung=1000,
    rotated=1000,
    faults=34,
    examples=25,
    strangers=8,
    tenants=10_000,
    rotations_killed=10,
)
