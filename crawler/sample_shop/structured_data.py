"""A product page's schema.org data, also as broken JSON like that of real shops."""

import json
import re
from typing import Any

from crawler.sample_shop.catalogue import Markup, SampleProduct, product, shop

Node = dict[str, Any]

_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def json_ld(item: SampleProduct, base_url: str) -> str:
    """Return the text of the page's ``application/ld+json`` script; empty for a page without one.

    Angle brackets and ampersands are escaped, so that listing text can never end the script element.
    """
    match item.markup:
        case Markup.JSON_LD:
            return _dump(_with_context(product_node(item, base_url)))
        case Markup.JSON_LD_GRAPH:
            return _dump({"@context": "https://schema.org", "@graph": _graph(item, base_url)})
        case Markup.JSON_LD_TRAILING_COMMA:
            text = _dump(_with_context(product_node(item, base_url)))
            return re.sub(r"\n\}$", ",\n}", text)
        case Markup.JSON_LD_RAW_NEWLINE:
            text = _dump(_with_context(product_node(item, base_url)))
            return text.replace("\\n", "\n")
        case _:
            return ""


def product_node(item: SampleProduct, base_url: str) -> Node:
    """Return an item's schema.org Product; ``base_url`` has no trailing slash."""
    url = f"{base_url}/{item.path}"
    return {
        "@type": "Product",
        "@id": f"{url}#product",
        "name": item.name,
        "description": item.description,
        "sku": item.sku,
        "brand": {"@type": "Brand", "name": item.brand},
        "image": [f"{base_url}/{item.image_path}"],
        "url": url,
        "category": " > ".join(c.name for c in (shop().category(p) for p in _trail(item.category))),
        "offers": {
            "@type": "Offer",
            "url": url,
            "price": f"{item.price}.00",
            "priceCurrency": "THB",
            "availability": item.availability,
            "itemCondition": "https://schema.org/NewCondition",
            "seller": {"@type": "Organization", "name": item.seller},
        },
        "additionalProperty": [
            {"@type": "PropertyValue", "name": name, "value": value}
            for name, value in item.attributes.items()
        ],
    }


def _graph(item: SampleProduct, base_url: str) -> list[Node]:
    """Return the nodes with a related product first, as in real shops' recommendation blocks."""
    before, *after = [product_node(product(slug), base_url) for slug in item.related]
    page: Node = {
        "@type": "WebPage",
        "@id": f"{base_url}/{item.path}",
        "url": f"{base_url}/{item.path}",
        "name": item.name,
        "mainEntity": {"@id": f"{base_url}/{item.path}#product"},
    }
    site: Node = {"@type": "WebSite", "@id": f"{base_url}/#site", "name": shop().name, "url": f"{base_url}/"}
    crumbs: Node = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": shop().category(path).name,
                "item": f"{base_url}/category/{path}/",
            }
            for position, path in enumerate(_trail(item.category), start=1)
        ],
    }
    return [site, before, page, crumbs, product_node(item, base_url), *after]


def _trail(category: str) -> list[str]:
    return [category.partition("/")[0], category]


def _with_context(node: Node) -> Node:
    return {"@context": "https://schema.org", **node}


def _dump(node: Node) -> str:
    return json.dumps(node, ensure_ascii=False, indent=1).translate(_IN_SCRIPT)
