"""What is logged, and how it looks."""

from typing import Literal

from rtcstack.settings.section import Section


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    style: Literal["json", "console"] = "json"
