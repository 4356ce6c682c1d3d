"""The provider that the settings name."""

from typing import Final

from rtcstack.adapters.moderation import wire
from rtcstack.adapters.moderation.off import NoModerator
from rtcstack.adapters.moderation.process import ModeratorProcess
from rtcstack.ports.moderation import Moderator
from rtcstack.settings import Moderation

_GOOGLE_ANSWER_S: Final = 400.0
"""The client library gives up before: a minute for the request, five for what the service makes of it."""


def configured(settings: Moderation) -> Moderator:
    if settings.provider == "google":
        service = wire.GoogleService(settings.endpoint, settings.credentials.get_secret_value())
        where = settings.endpoint or "Google's Video Intelligence API"
        notice = f"Pictures of halls with moderation leave this machine: they are sent to {where}."
        return ModeratorProcess("google", service, notice=notice, answer_s=_GOOGLE_ANSWER_S, a_picture_s=0)
    if settings.provider == "local":
        return ModeratorProcess("local", _local(settings))
    return NoModerator()


def _local(settings: Moderation) -> wire.LocalModel:
    assert settings.model is not None
    assert settings.model_sha256 is not None
    return wire.LocalModel(
        file=settings.model,
        sha256=settings.model_sha256,
        labels=settings.labels,
        safe_labels=settings.safe_labels,
        input_size=settings.input_size,
        layout=settings.layout,
        mean=settings.mean,
        std=settings.std,
        output=settings.output,
        activation=settings.activation,
    )
