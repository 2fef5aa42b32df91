"""An interrupted crawl of APIs ends soon, stores no token, and can be resumed."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from crawler.frontier.local import FILE_NAME
from tests.helpers.forked import CRAWL, Forked

from ..servers import x
from ..servers.base import Answer, Asked, Platform, serving
from ..servers.running import ROOT, run_plan

pytestmark = pytest.mark.slow


def posts(platform: Platform, asked: Asked) -> Answer:
    number = int(asked.query.get("next_token", "0"))
    post = {"id": str(number), "text": f"โพสต์ที่ {number} 🌿"}
    meta = {"result_count": 1, **({"next_token": str(number + 1)} if number < 7 else {})}
    return Answer({"data": [post], "meta": meta})


def test_a_job_goes_on_and_holds_no_token(tmp_path: Path) -> None:
    plan = {"sources": [{"source": "x", "terms": ["ยา"], "max_pages": 3}]}
    with serving(posts) as platform:
        env = {"RUTHAN_X_TOKEN": x.TOKEN, "RUTHAN_X_API_URL": platform.url}
        first = run_plan(tmp_path, plan, "--job", "job", **env)
        assert "stopped at the page limit" in first.out
        assert (tmp_path / "job" / "x" / FILE_NAME).is_file()
        assert x.TOKEN.encode() not in first.everything_kept()
        seen = len(first.listings)
        assert 0 < seen < 8
        second = run_plan(tmp_path, {"sources": [{"source": "x", "terms": ["ยา"]}]}, "--job", "job", **env)
    assert second.status == 0, second.err
    assert {post.text for post in second.listings} == {f"โพสต์ที่ {n} 🌿" for n in range(8)}


def busy(platform: Platform, asked: Asked) -> Answer:
    return Answer({"title": "Too Many Requests"}, 429, {"Retry-After": "600"})


def test_ctrl_c_does_not_wait_for_a_rate_limit(tmp_path: Path) -> None:
    plan = {"sources": [{"source": "x", "terms": ["ยา"]}]}
    (tmp_path / "plan.yaml").write_text(json.dumps(plan))
    with serving(busy) as platform:
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("RUTHAN_")},
            "PYTHONPATH": str(ROOT),
            "RUTHAN_CRAWL_ALLOW_PRIVATE": "true",
            "RUTHAN_X_TOKEN": x.TOKEN,
            "RUTHAN_X_API_URL": platform.url,
        }
        process = Forked(CRAWL, "--plan", "plan.yaml", folder=tmp_path, env=env)
        try:
            deadline = time.monotonic() + 60
            while not platform.asked and time.monotonic() < deadline:
                time.sleep(0.05)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode is not None
    assert len(platform.asked) == 1
