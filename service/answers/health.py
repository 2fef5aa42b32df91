"""Health and readiness."""

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The process is alive."""

    status: str = Field(description="ok")


class Readiness(BaseModel):
    """The service is ready for work."""

    status: str = Field(description="ready")
    model: str = Field(description="the same value as `model` in assessments")
