from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the tree: frozen, and without room for what is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")
