"""What a day's budget leaves over is fetched by the same job on the next day."""

from pathlib import Path

import pytest

from service.store import open_store

from .loopback import Handler, running, start
from .test_commands import html, links, product


@pytest.mark.slow
def test_the_pages_of_tomorrow_are_not_lost_today(tmp_path: Path) -> None:
    names = [f"/product/{n}" for n in range(20)]
    pages = {"/": html("<h1>ร้าน</h1>" + links(*names)), **{name: product(f"ชา {name}") for name in names}}

    def answer(handler: Handler) -> None:
        page = pages.get(handler.path)
        handler.send(page.body if page else b"", 200 if page else 404)

    with running(answer) as site:
        plan = tmp_path / "plan.yaml"
        plan.write_text(
            f"sources:\n  - source: shop\n    urls: [{site.url}/]\n    budget: 12\n", encoding="utf-8"
        )
        args = ("--plan", str(plan), "--job", "job")
        first = start(tmp_path, *args)
        first.communicate(timeout=200)
        fetched = len(site.paths("/product/"))
        assert 0 < fetched < 20
        (tmp_path / "var" / "crawl-budget.json").unlink()  # the next day
        plan.write_text(
            plan.read_text(encoding="utf-8").replace("budget: 12", "budget: 100"), encoding="utf-8"
        )
        second = start(tmp_path, *args)
        _, errors = second.communicate(timeout=200)
        assert second.returncode == 0, errors
        assert sorted(site.paths("/product/")) == sorted(names)
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        assert len(store.listings.page(limit=100).rows) == 20
