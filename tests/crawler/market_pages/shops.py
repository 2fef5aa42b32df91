"""Pages of web shops: WooCommerce, Shopify, Thai builders, shops written by hand, classifieds."""

import json
from html import escape

from .goods import Goods, Page, others
from .marketplaces import _page, _without, canonical, document, json_ld, state


def _cards(goods: Goods, url: str, host: str) -> str:
    """Other products below the product, as themes show them: in a separate list, as links."""
    cards = "".join(
        f'<li class="product"><a href="{host}/product/x{n}"><img src="{host}/files/{x[2]}.jpg"><h2>{x[0]}</h2><span>฿{x[1]}</span></a></li>'
        for n, x in enumerate(others(url))
    )
    return f'<section class="related products"><h2>สินค้าที่เกี่ยวข้อง</h2><table><tr><th>ยี่ห้อ</th><td>ของคนละชิ้น</td></tr></table><ul>{cards}</ul></section>'


def woocommerce(goods: Goods) -> Page:
    host = "https://woo.example"
    url = f"{host}/product/{goods.code}/"
    pictures = "".join(
        f'<div data-thumb="{host}/wp-content/uploads/{x}-100x100.jpg" class="woocommerce-product-gallery__image"><a href="{host}/wp-content/uploads/{x}.jpg">'
        f'<img src="{host}/wp-content/uploads/{x}-600x600.jpg" data-src="{host}/wp-content/uploads/{x}.jpg" data-large_image="{host}/wp-content/uploads/{x}.jpg" srcset="{host}/wp-content/uploads/{x}-600x600.jpg 600w, {host}/wp-content/uploads/{x}-300x300.jpg 300w"></a></div>'
        for x in goods.picture_names
    )
    rows = "".join(
        f'<tr class="woocommerce-product-attributes-item"><th class="woocommerce-product-attributes-item__label" scope="row">{escape(k)}</th><td class="woocommerce-product-attributes-item__value"><p>{escape(v)}</p></td></tr>'
        for k, v in goods.all_rows
    )
    body = (
        '<nav><a href="/shop">ร้าน</a></nav><div id="product-7" class="product type-product"><div class="woocommerce-product-gallery">'
        + pictures
        + "</div>"
        f'<div class="summary entry-summary"><h1 class="product_title entry-title">{escape(goods.name)}</h1>'
        f'<div class="woocommerce-product-rating"><div class="star-rating" role="img" aria-label="x"><span>ให้คะแนน <strong class="rating">{goods.rating}</strong> ตั้งแต่ 1-5</span></div><a href="#reviews" class="woocommerce-review-link">(<span class="count">{goods.ratings}</span> รีวิวจากลูกค้า)</a></div>'
        f'<p class="price"><span class="woocommerce-Price-amount amount"><bdi>{goods.price}.00&nbsp;฿</bdi></span></p><form class="cart"><button class="single_add_to_cart_button">หยิบใส่ตะกร้า</button></form></div>'
        f'<div class="woocommerce-tabs"><div id="tab-description"><h2>รายละเอียด</h2>{"".join(f"<p>{escape(x)}</p>" for x in goods.lines)}</div>'
        f'<div id="tab-additional_information"><h2>ข้อมูลเพิ่มเติม</h2><table class="woocommerce-product-attributes shop_attributes">{rows}</table></div>'
        '<div id="reviews"><ol class="commentlist comments"><li><p>ของคนละชิ้น</p></li></ol></div></div>'
        + _cards(goods, url, host)
        + "</div>"
    )
    data = {"@context": "https://schema.org/", "@graph": [{"@type": "BreadcrumbList", "itemListElement": []}, {
        "@type": "Product", "name": goods.name, "url": url, "description": goods.text, "image": f"{host}/wp-content/uploads/{goods.picture_names[0]}.jpg", "sku": goods.code,
        "offers": [{"@type": "Offer", "price": f"{goods.price}.00", "priceCurrency": "THB", "seller": {"@type": "Organization", "name": goods.seller, "url": host}}],
        "aggregateRating": {"@type": "AggregateRating", "ratingValue": str(goods.rating), "reviewCount": goods.ratings},
    }]}  # fmt: skip
    page = _page(
        "woocommerce", url, document(f"{goods.name} - ร้าน", canonical(url) + json_ld(data), body), goods
    )
    return _without(page, sold=None)


def shopify(goods: Goods) -> Page:
    """A theme with rows in a list, ``strong`` as labels; JSON-LD as the theme writes it."""
    host = "https://shopify.example"
    url = f"{host}/products/{goods.code}"
    cdn = f"{host}/cdn/shop/files"
    pictures = "".join(
        f'<li class="product__media-item"><div class="product__media media"><img src="{cdn}/{x}.jpg?v=1&width=1946" srcset="{cdn}/{x}.jpg?v=1&width=246 246w, {cdn}/{x}.jpg?v=1&width=1946 1946w"></div></li>'
        for x in goods.picture_names
    )
    rows = "".join(f"<li><strong>{escape(k)}:</strong> {escape(v)}</li>" for k, v in goods.all_rows)
    body = (
        f'<main id="MainContent"><section class="product"><ul class="product__media-list">{pictures}</ul><div class="product__info-container"><p class="product__text">{escape(goods.seller)}</p>'
        f'<div class="product__title"><h1>{escape(goods.name)}</h1></div><div class="price"><span class="price-item">฿{goods.price}.00 THB</span></div><form action="/cart/add"><button name="add">Add to cart</button></form>'
        f'<div class="product__description rte">{"".join(f"<p>{escape(x)}</p>" for x in goods.lines)}</div><details class="accordion"><summary><h2>Specifications</h2></summary><ul>{rows}</ul></details></div></section></main>'
        f'<aside class="recommendations">{_cards(goods, url, host)}</aside>'
    )
    data = {"@context": "http://schema.org/", "@type": "ProductGroup", "name": goods.name, "description": goods.text, "brand": {"@type": "Brand", "name": goods.seller}, "hasVariant": [
        {"@type": "Product", "name": f"{goods.name} - เดี่ยว", "image": f"{cdn}/{goods.picture_names[0]}.jpg?v=1&width=1920", "offers": {"@type": "Offer", "price": f"{goods.price}.00", "priceCurrency": "THB"}}]}  # fmt: skip
    head = (
        canonical(url)
        + f'<meta property="og:site_name" content="{escape(goods.seller)}"><meta property="og:type" content="product"><meta property="og:title" content="{escape(goods.name)}"><meta property="og:price:amount" content="{goods.price}.00"><meta property="og:price:currency" content="THB"><meta property="og:image" content="{cdn}/{goods.picture_names[0]}.jpg?v=1">'
        + json_ld(data)
    )
    page = _page("shopify", url, document(goods.name, head, body), goods)
    return _without(page, sold=None, rating=None, ratings=None)


def shopify_definitions(goods: Goods) -> Page:
    """Another theme: a definition list with boxes, everything else in OpenGraph."""
    host = "https://theme.example"
    url = f"{host}/products/{goods.code}"
    pictures = "".join(
        f'<div class="slick-slide"><img data-zoom="{host}/cdn/{x}.jpg" src="{host}/cdn/{x}_120x.jpg"></div>'
        for x in goods.picture_names
    )
    rows = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in goods.all_rows)
    body = (
        f'<main><div class="slick-track">{pictures}</div><h1>{escape(goods.name)}</h1><span class="price">{goods.price}.-</span><button>สั่งซื้อ</button><div class="vendor-name">{escape(goods.seller)}</div>'
        f'<div class="product-description">{"".join(f"<p>{escape(x)}</p>" for x in goods.lines)}</div><dl>{rows}</dl><p>ยอดขาย {goods.sold:,} ชิ้น</p></main>{_cards(goods, url, host)}'
    )
    head = (
        canonical(url)
        + f'<meta property="og:type" content="og:product"><meta property="og:title" content="{escape(goods.name)}"><meta property="og:description" content="{escape(goods.text)}"><meta property="product:price:amount" content="{goods.price}"><meta property="product:price:currency" content="THB"><meta property="og:image" content="{host}/cdn/{goods.picture_names[0]}_1024x1024.jpg">'
    )
    page = _page("theme, definitions", url, document(goods.name, head, body), goods)
    return _without(page, rating=None, ratings=None)


def builder(goods: Goods) -> Page:
    """A Thai shop builder: microdata, a table with a colon in its middle cells, Windows-874."""
    host = "https://builder.example"
    url = f"{host}/product/{len(goods.name)}/{goods.code}"
    pictures = "".join(
        f'<a class="lightbox" href="{host}/pic/{x}.jpg"><img class="productImage" src="{host}/pic/small/{x}.jpg"></a>'
        for x in goods.picture_names
    )
    rows = "".join(
        f'<tr><td class="bodyTD">{escape(k)}</td><td>:</td><td>{escape(v)}</td></tr>'
        for k, v in goods.all_rows
    )
    body = (
        f'<div id="menu" class="menu"><a href="/">หน้าแรก</a></div><div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">{escape(goods.name)}</h1><div id="pics">{pictures}</div>'
        f'<meta itemprop="image" content="{host}/pic/{goods.picture_names[0]}.jpg"><div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><span itemprop="price" content="{goods.price}">{goods.price}.00 บาท</span><meta itemprop="priceCurrency" content="THB"><div itemprop="seller" itemscope itemtype="http://schema.org/Organization"><span itemprop="name">{escape(goods.seller)}</span></div></div>'
        f'<table class="productInfo">{rows}</table><div itemprop="description">{"".join(f"<div>{escape(x)}</div>" for x in goods.lines)}</div></div>{_cards(goods, url, host)}'
    )
    page = _page("builder, microdata", url, document(goods.name, canonical(url), body, "windows-874"), goods)
    return _without(page, sold=None, rating=None, ratings=None)


def by_hand(goods: Goods) -> Page:
    """Rows as lines with a colon between line breaks; nothing says that they are rows but their names."""
    host = "https://byhand.example"
    url = f"{host}/products/{goods.code}"
    rows = "<br>".join(f"{escape(k)} : {escape(v)}" for k, v in goods.all_rows)
    pictures = "".join(
        f'<div class="photo"><img src="{host}/upload/{x}.jpg" width="400"></div>' for x in goods.picture_names
    )
    body = (
        f'<div class="header"><div class="menu"><a href="/">หน้าแรก</a><a href="/contact">ติดต่อ</a></div></div><h1>{escape(goods.name)}</h1>{pictures}<div class="price">ราคา {goods.price} บาท</div><p class="shop-name">ร้าน: {escape(goods.seller)}</p>'
        f'<div class="box">{rows}</div><div class="product-detail-text" id="description">{"<br>".join(map(escape, goods.lines))}</div><button>สั่งซื้อ</button>{_cards(goods, url, host)}<div class="footer">โทร 02-000-0000</div>'
    )
    page = _page("by hand, lines", url, document(goods.name, "", body), goods)
    return _without(page, sold=None, rating=None, ratings=None)


def spec_boxes(goods: Goods) -> Page:
    """Boxes with a label and a value under classes that say so."""
    host = "https://boxes.example"
    url = f"{host}/p/{goods.code}"
    rows = "".join(
        f'<div class="spec-row"><div class="spec-label">{escape(k)}</div><div class="spec-value">{escape(v)}</div></div>'
        for k, v in goods.all_rows
    )
    pictures = "".join(
        f'<div class="thumbs"><img src="{host}/m/{x}.webp"></div>' for x in goods.picture_names
    )
    body = (
        f'<h1>{escape(goods.name)}</h1>{pictures}<div class="product-price">฿{goods.price}</div><div><span>ขายแล้ว</span> <b>{goods.sold:,}</b> <span>ชิ้น</span></div><div class="merchant-name">{escape(goods.seller)}</div>'
        f'<div class="product-specs">{rows}</div><div class="product-description">{escape(goods.text)}</div><a class="btn" href="#buy">หยิบใส่ตะกร้า</a>{_cards(goods, url, host)}'
    )
    page = _page("boxes", url, document(goods.name, "", body), goods)
    return _without(page, rating=None, ratings=None)


def bootstrap(goods: Goods) -> Page:
    """Columns of a grid: no class says anything of rows, a heading does."""
    host = "https://grid.example"
    url = f"{host}/product.php?id={len(goods.name)}"
    rows = "".join(
        f'<div class="row"><div class="col-2">{escape(k)}</div><div class="col">{escape(v)}</div></div>'
        for k, v in goods.all_rows
    )
    pictures = "".join(f'<img class="img-thumbnail" src="{host}/img/{x}.jpg">' for x in goods.picture_names)
    body = (
        f'<nav class="navbar"><a href="/">Home</a></nav><div class="container"><div class="row"><div class="col-md-6">{pictures}</div><div class="col-md-6"><h1>{escape(goods.name)}</h1><h3 class="price">{goods.price} บาท</h3><span class="store_name">{escape(goods.seller)}</span><button>เพิ่มลงตะกร้า</button></div></div>'
        f'<div class="row bg-light"><span>ข้อมูลจำเพาะของสินค้า</span></div><div>{rows}</div><div class="description">{"".join(f"<p>{escape(x)}</p>" for x in goods.lines)}</div>{_cards(goods, url, host)}</div>'
    )
    page = _page("grid", url, document(goods.name, "", body), goods)
    return _without(page, sold=None, rating=None, ratings=None)


def store_state(goods: Goods) -> Page:
    """A shop whose page is an empty app; its data are text that a script parses, rows under keys of its
    own."""
    host = "https://app.example"
    url = f"{host}/item/{goods.code}"
    product = {
        "title": goods.name, "detail": goods.text, "sellingPrice": goods.price, "images": [{"url": f"{host}/i/{x}.png"} for x in goods.picture_names], "store": {"name": goods.seller, "url": host},
        "specs": [{"attrName": k, "attrValue": v} for k, v in goods.all_rows], "sold_count": goods.sold, "averageRating": goods.rating, "totalReviews": goods.ratings,
    }  # fmt: skip
    data = {"product": {"current": product}, "also": [{"title": x[0], "price": x[1]} for x in others(url)]}
    script = (
        f"<script>window.__STORE__ = JSON.parse({json.dumps(json.dumps(data, ensure_ascii=False))});</script>"
    )
    return _page(
        "app, parsed state", url, document(goods.name, canonical(url), f'<div id="app"></div>{script}'), goods
    )


def property_values(goods: Goods) -> Page:
    """Everything in JSON-LD, rows as ``additionalProperty``, further rows in the page's data alone."""
    host = "https://schema.example"
    url = f"{host}/product/{goods.code}"
    half = len(goods.all_rows) // 2
    data = {
        "@type": ["Product"], "name": goods.name, "description": goods.text, "image": [f"{host}/{x}.jpg" for x in goods.picture_names], "url": url,
        "offers": {"@type": "Offer", "price": goods.price, "priceCurrency": "THB", "seller": {"name": goods.seller}},
        "additionalProperty": [{"@type": "PropertyValue", "name": k, "value": v} for k, v in goods.all_rows[:half]],
        "aggregateRating": [{"@type": "AggregateRating", "ratingValue": goods.rating, "ratingCount": goods.ratings}],
    }  # fmt: skip
    rest = {
        "props": {
            "item": {
                "name": goods.name,
                "parameters": {
                    "items": 1,
                    "attributes": [{"key": k, "value": v} for k, v in goods.all_rows[half:]],
                },
            },
            "more": [{"name": x[0], "attributes": [{"key": "ยี่ห้อ", "value": x[2]}]} for x in others(url)],
        }
    }
    body = (
        f"<h1>{escape(goods.name)}</h1>"
        + state(rest, '<script type="application/json">')
        + _cards(goods, url, host)
    )
    page = _page("json-ld and data", url, document(goods.name, canonical(url) + json_ld(data), body), goods)
    return _without(page, sold=None)


def classified(goods: Goods) -> Page:
    """An advert: a definition list in the readable text, no markup of a product."""
    host = "https://ads.example"
    url = f"{host}/product-{len(goods.name)}{goods.code}"
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in goods.all_rows)
    pictures = "".join(
        f'<figure class="photo"><img src="{host}/pics/{x}.jpg"></figure>' for x in goods.picture_names
    )
    body = (
        f'<header class="header"><a href="/">หมวด</a></header><article><h1>{escape(goods.name)}</h1>{pictures}<p class="price">฿{goods.price}</p>{"".join(f"<p>{escape(x)}</p>" for x in goods.lines)}<dl>{rows}</dl>'
        f'<div class="seller-name">ผู้ขาย: {escape(goods.seller)}</div><button>โทร</button></article>{_cards(goods, url, host)}'
    )
    page = _page("classified", url, document(goods.name, "", body), goods)
    return _without(page, sold=None, rating=None, ratings=None)


def _inline(shape: str, rows: str, goods: Goods) -> Page:
    """A page whose style sheet, not its markup, makes lines of the rows."""
    host = f"https://{shape.replace(' ', '-')}.example"
    url = f"{host}/item/{goods.code}"
    pictures = "".join(f'<img class="product-image" src="{host}/i/{x}.jpg">' for x in goods.picture_names)
    body = (
        f'<main><h1>{escape(goods.name)}</h1>{pictures}<div class="price">฿{goods.price}</div><div class="shop-name">{escape(goods.seller)}</div>'
        f"<div>{''.join(f'<p>{escape(x)}</p>' for x in goods.lines)}</div><div>{rows}</div></main>{_cards(goods, url, host)}"
    )
    page = _page(shape, url, document(goods.name, "", body), goods)
    return _without(page, sold=None, rating=None, ratings=None)


def spans(goods: Goods) -> Page:
    rows = "".join(f"<span>{escape(k)}: {escape(v)}</span>" for k, v in goods.all_rows)
    return _inline("spans", rows, goods)


def custom_elements(goods: Goods) -> Page:
    rows = "".join(
        f"<x-row><x-name>{escape(k)}</x-name><x-value>{escape(v)}</x-value></x-row>"
        for k, v in goods.all_rows
    )
    return _inline("custom elements", f"<x-rows>{rows}</x-rows>", goods)


def broken_lines(goods: Goods) -> Page:
    rows = "".join(f"<span>{escape(k)}</span><span>{escape(v)}</span><br>" for k, v in goods.all_rows)
    return _inline("spans and br", rows, goods)


SHOPS = (
    woocommerce, shopify, shopify_definitions, builder, by_hand, spec_boxes, bootstrap, store_state, property_values, classified,
    spans, custom_elements, broken_lines,
)  # fmt: skip
