"""bfloat16 is used only where the processor computes in it."""

import logging

import pytest

torch = pytest.importorskip("torch")

from training.fit.precision import in_bf16  # noqa: E402

pytestmark = pytest.mark.needs_train


@pytest.mark.parametrize(
    ("capabilities", "used"),
    [
        ({"avx2": True, "avx512_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
    ],
)
def test_bf16_needs_the_processor_s_instructions(
    capabilities: dict[str, bool],
    used: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    with caplog.at_level(logging.WARNING):
        assert in_bf16(True) is used
    assert ("no bfloat16 instructions" in caplog.text) is not used
    assert not in_bf16(False)
