"""The join page: who may open it, and which sites may show it inside of their own."""

from typing import Annotated

from pydantic import Field

from rtcstack.settings.section import Section

Site = Annotated[str, Field(pattern=r"^https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?$")]


class Join(Section):
    open_rooms: bool = False
    """Whether an open room of the tenant `default` can be joined by its bare name, without a signed link."""
    frame_ancestors: tuple[Site, ...] = ()
    """Sites that may show the page in a frame; none unless given."""
