"""The programs that we build, each pinned to one version."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GoProgram:
    name: str
    package: str
    version: str
    built_as: str
    """What `go install` names the binary: the last element of the package's path."""
    mark: str
    """Appears in the output of `--version` when a program found on the PATH is exactly this version."""
    purpose: str
    """Completes the sentence “it is needed …”."""


LIVEKIT = GoProgram(
    name="livekit-server",
    package="github.com/livekit/livekit-server/cmd/server",
    version="v1.13.5",
    built_as="server",
    mark="version 1.13.5",
    purpose="to carry sound and picture between the participants of a room",
)
MINIO = GoProgram(
    name="minio",
    package="github.com/minio/minio",
    version="v0.0.0-20260212201848-7aac2a2c5b7c",
    built_as="minio",
    mark="commit-id=7aac2a2c5b7c",
    purpose="to keep the recordings, as an object store",
)
