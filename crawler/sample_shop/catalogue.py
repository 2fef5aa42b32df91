"""The shop's products and categories, read from this package's TOML files."""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from labels.taxonomy import ProductClass, Verdict

_HERE = Path(__file__).parent


class Markup(StrEnum):
    """The structured data of a product page, and how well formed it is."""

    JSON_LD = "json_ld"
    JSON_LD_GRAPH = "json_ld_graph"
    JSON_LD_TRAILING_COMMA = "json_ld_trailing_comma"
    JSON_LD_RAW_NEWLINE = "json_ld_raw_newline"
    MICRODATA = "microdata"
    OPEN_GRAPH = "open_graph"
    NONE = "none"


class SampleProduct(BaseModel):
    """A product of the shop, with the verdict that a reviewer would give."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    description: str
    category: str = Field(pattern=r"^[a-z-]+/[a-z-]+$", description="path of a second-level category")
    brand: str
    sku: str
    price: int = Field(gt=0, description="baht")
    old_price: int | None = None
    seller: str
    stock: bool = True
    attributes: dict[str, str] = Field(default_factory=dict)
    related: tuple[str, ...] = Field(default=(), description="slugs shown beside it")
    expected: Verdict
    product_class: ProductClass
    note: str = Field(description="why this verdict, in English")
    case: str | None = Field(default=None, description="the awkward case that this page stands for")
    markup: Markup = Markup.JSON_LD
    encoding: str = "utf-8"
    banner: tuple[str, ...] = Field(default=(), description="lines of its picture in ``banners``")
    private: bool = Field(default=False, description="robots.txt forbids the page")
    numbers: tuple[str, ...] = Field(default=(), description="numbers in the text that the registry holds")
    unregistered: tuple[str, ...] = Field(default=(), description="numbers in the text that it must not hold")

    @property
    def path(self) -> str:
        """The page's path below the shop's address, without a leading slash."""
        return f"{'agent' if self.private else 'product'}/{self.slug}.html"

    @property
    def image_path(self) -> str:
        """The picture's path below the shop's address."""
        return f"image/{self.slug}.{'png' if self.banner else 'svg'}"

    @property
    def availability(self) -> str:
        """The schema.org address of its availability."""
        return f"https://schema.org/{'InStock' if self.stock else 'OutOfStock'}"


class Category(BaseModel):
    """A category; a first-level one has a picture and colours, which second-level ones inherit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    name: str
    picture: str = ""
    colours: tuple[str, str] | None = Field(default=None, description="background and foreground")

    @property
    def top(self) -> str:
        """Path of the first-level category that it belongs to."""
        return self.path.partition("/")[0]


class Shop(BaseModel):
    """The market itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    tagline: str
    notice: str = Field(description="says on every page that all of it is invented")
    per_page: int = Field(gt=0)
    categories: tuple[Category, ...] = Field(alias="category")

    def category(self, path: str) -> Category:
        """Return the category of a path; ``KeyError`` if there is none."""
        for category in self.categories:
            if category.path == path:
                return category
        raise KeyError(path)

    def tops(self) -> list[Category]:
        """Categories of the first level."""
        return [c for c in self.categories if c.path == c.top]

    def children(self, top: str) -> list[Category]:
        """Categories below a first-level one."""
        return [c for c in self.categories if c.top == top and c.path != top]


@cache
def shop() -> Shop:
    """Return the market with its categories."""
    return Shop.model_validate(_toml(_HERE / "shop.toml"))


@cache
def _products() -> tuple[SampleProduct, ...]:
    files = sorted((_HERE / "products").glob("*.toml"))
    found = [SampleProduct.model_validate(row) for file in files for row in _toml(file)["product"]]
    return tuple(sorted(found, key=lambda product: product.sku))


def products() -> list[SampleProduct]:
    """Return all products, by SKU."""
    return list(_products())


def products_in(category: str) -> list[SampleProduct]:
    """Return the products of a category and its children, by SKU."""
    return [p for p in products() if p.category == category or p.category.startswith(f"{category}/")]


def product(slug: str) -> SampleProduct:
    """Return the product of a slug; ``KeyError`` if there is none."""
    for candidate in _products():
        if candidate.slug == slug:
            return candidate
    raise KeyError(slug)


def registry_path() -> Path:
    """Return the path of the CSV snapshot of the invented licence registry."""
    return _HERE / "registry.csv"


def _toml(path: Path) -> dict[str, list[object]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
