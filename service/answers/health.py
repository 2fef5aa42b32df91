"""Whether the service works."""

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The process answers."""

    status: str = Field(description="ok")


class Readiness(BaseModel):
    """The service is ready for work."""

    status: str = Field(description="ready")
    model: str = Field(description="as `model` of an assessment")
