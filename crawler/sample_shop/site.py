"""Renders the shop into a folder of static pages."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.sample_shop.catalogue import Category, Markup, SampleProduct, products, products_in, shop
from crawler.sample_shop.pictures import picture
from crawler.sample_shop.structured_data import json_ld

DEFAULT_BASE_URL = "http://127.0.0.1:8800"

_TEMPLATES = Path(__file__).parent / "templates"
_BANNERS = Path(__file__).parent / "banners"
_PAGES = {
    "about.html": "about/index.html",
    "blog.html": "blog/false-health-ads.html",
    "cart.html": "cart/index.html",
}
"""Templates of pages without products, and their output paths."""

_CODECS = {"windows-874": "cp874"}
"""Python's names of encodings that the web names differently."""


class _Fill(Protocol):
    """Function that fills a template."""

    def __call__(self, template: str, **values: object) -> str: ...


@dataclass(frozen=True)
class _Page:
    path: str
    text: str
    encoding: str = "utf-8"


def render(out_dir: Path, base_url: str = DEFAULT_BASE_URL) -> list[Path]:
    """Write the shop below ``out_dir`` and return the files, in the order written.

    ``base_url`` is the address where the folder will be served: JSON-LD, the sitemap and canonical links are
    absolute. A page not in UTF-8 escapes characters outside its encoding as references.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["baht"] = lambda amount: f"{amount:,}"
    base_url = base_url.rstrip("/")
    environment.globals.update(shop=shop(), base_url=base_url, Markup=Markup)
    written = []
    for page in _pages(environment, base_url):
        target = out_dir / page.path
        target.parent.mkdir(parents=True, exist_ok=True)
        codec = _CODECS.get(page.encoding, page.encoding)
        target.write_bytes(page.text.encode(codec, errors="xmlcharrefreplace"))
        written.append(target)
    for item in filter(lambda product: product.banner, products()):
        written.append(out_dir / item.image_path)
        shutil.copyfile(_BANNERS / f"{item.slug}.png", written[-1])
    style = out_dir / "static" / "shop.css"
    style.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_TEMPLATES / "shop.css", style)
    return [*written, style]


def _pages(environment: Environment, base_url: str) -> Iterator[_Page]:
    def fill(template: str, **values: object) -> str:
        return environment.get_template(template).render(
            {"path": "", "encoding": "utf-8", "current": "", **values}
        )

    on_sale = [p for p in products() if not p.private]
    yield _Page("index.html", fill("home.html", newest=on_sale[::4][:8], counts=_counts()))
    for category in shop().categories:
        yield from _category_pages(category, fill)
    for item in products():
        yield _product_page(item, base_url, fill)
        if not item.banner:
            yield _Page(item.image_path, picture(item))
    for template, path in _PAGES.items():
        yield _Page(path, fill(template, path=path.removesuffix("index.html")))
    listed = ["", *(f"category/{c.path}/" for c in shop().categories), *(p.path for p in on_sale)]
    listed += [_PAGES["about.html"].removesuffix("index.html"), _PAGES["blog.html"]]
    yield _Page("robots.txt", fill("robots.txt"))
    yield _Page("sitemap.xml", fill("sitemap.xml", listed=listed))


def _category_pages(category: Category, fill: _Fill) -> Iterator[_Page]:
    inside = products_in(category.path)
    size = shop().per_page
    pages = [inside[at : at + size] for at in range(0, len(inside), size)]
    for number, items in enumerate(pages, start=1):
        path = category_page(category.path, number)
        text = fill(
            "category.html",
            path=path.removesuffix("index.html"),
            current=category.path,
            category=category,
            items=items,
            number=number,
            total=len(inside),
            links=[
                f"/{category_page(category.path, n)}".removesuffix("index.html")
                for n in range(1, len(pages) + 1)
            ],
        )
        yield _Page(path, text)


def category_page(category: str, number: int) -> str:
    """Return the path of page ``number`` (from 1) of a category."""
    return f"category/{category}/{'index' if number == 1 else f'page-{number}'}.html"


def _product_page(item: SampleProduct, base_url: str, fill: _Fill) -> _Page:
    neighbours = [p for p in products_in(item.category) if p.slug != item.slug and not p.private]
    text = fill(
        "product.html",
        path=item.path,
        encoding=item.encoding,
        current=item.category,
        item=item,
        json_ld=json_ld(item, base_url),
        neighbours=neighbours[:4],
    )
    return _Page(item.path, text, item.encoding)


def _counts() -> dict[str, int]:
    return {c.path: len(products_in(c.path)) for c in shop().categories}
