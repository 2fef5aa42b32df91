"""The model in use."""

from datetime import date

from pydantic import BaseModel, Field

from labels.taxonomy import ClaimLabel


class ThresholdFacts(BaseModel):
    """The two thresholds on a probability."""

    report: float = Field(ge=0, le=1, description="claims with at least this probability are shown")
    sure: float = Field(ge=0, le=1, description="claims with at least this probability decide the verdict")


class WindowFacts(BaseModel):
    """How texts are split into windows, in tokens."""

    tokens: int
    overlap: int
    head: int = Field(description="tokens of the start of the text that every later window repeats")
    slack: int = Field(0, description="tokens that the last window may have beyond the others")


class BundleFacts(BaseModel):
    """A bundle as its manifest, calibration and metrics describe it."""

    name: str
    version: str
    base: str
    base_licence: str
    created: str
    window: WindowFacts
    label_thresholds: dict[ClaimLabel, ThresholdFacts]
    risk_thresholds: ThresholdFacts
    test_figures: dict[str, float] = Field(
        description="headline figures on the test split, from metrics.json; empty if the bundle has none"
    )
    dataset_sha256: dict[str, str]
    files: dict[str, str] = Field(description="file name -> SHA-256")


class PolicyFacts(BaseModel):
    """The verdict rules."""

    version: int
    sha256: str = Field(description="of policy.toml")


class RegistryFacts(BaseModel):
    """The licence register in which numbers are looked up."""

    loaded: bool
    snapshot_date: date | None = None
    records: int | None = None


class ModelFacts(BaseModel):
    """The model in use, as every assessment names it, and what is known about it."""

    model: str = Field(description="the same value as `model` in assessments")
    bundle: BundleFacts | None = Field(None, description="null for a model without a bundle")
    policy: PolicyFacts
    registry: RegistryFacts
