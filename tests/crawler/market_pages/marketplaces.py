"""Pages of the marketplaces: Shopee, Lazada, TikTok Shop, LINE SHOPPING, by their data and as a browser saves them."""

import json
from html import escape

from .goods import Goods, Page, others, short_count, thai_count

_SHOPEE = "https://down-th.img.susercontent.com/file/"
_TIKTOK = "https://p16-oec-sg.ibyteimg.example/tos-alisg-i"


def document(title: str, head: str, body: str, encoding: str = "utf-8") -> bytes:
    """A whole page."""
    page = (
        f'<!DOCTYPE html><html lang="th"><head><meta charset="{encoding}"><title>{escape(title)}</title>{head}</head>'
        f"<body>{body}</body></html>"
    )
    return page.encode("cp874" if encoding != "utf-8" else "utf-8", "xmlcharrefreplace")


def json_ld(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def state(data: object, opening: str) -> str:
    return f"{opening}{json.dumps(data, ensure_ascii=False)}</script>"


def canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


def _shopee_ld(goods: Goods, url: str) -> str:
    """One picture, and the beginning of the description: what the site gives to search engines."""
    return json_ld(
        {
            "@context": "http://schema.org", "@type": "Product", "name": goods.name, "url": url, "productID": "22",
            "description": goods.text[:30], "image": f"{_SHOPEE}{goods.picture_names[0]}", "brand": "",
            "offers": {"@type": "Offer", "price": f"{goods.price}.00", "priceCurrency": "THB", "availability": "http://schema.org/InStock"},
            "aggregateRating": {"@type": "AggregateRating", "bestRating": 5, "worstRating": 1, "ratingCount": str(goods.ratings), "ratingValue": f"{goods.rating:.2f}"},
        }
    )  # fmt: skip


def shopee_data(goods: Goods) -> Page:
    """As it is fetched: the app is empty, the data stand in a script."""
    url = f"https://shopee.co.th/{goods.code}-i.11.22"
    rows = [
        {"name": k, "value": v, "id": n, "is_timestamp": False} for n, (k, v) in enumerate(goods.all_rows)
    ]
    entry = {
        "item": {
            "item_id": 22, "shop_id": 11, "title": goods.name, "description": goods.text, "price": goods.price * 100_000,
            "currency": "THB", "image": goods.picture_names[0], "brand": goods.rows[0][1], "item_status": "normal",
            "tier_variations": [{"name": "ขนาด", "options": ["เดี่ยว", "แพ็กคู่"]}],
        },
        "product_attributes": {"attrs": rows, "categories": [{"catid": 1, "display_name": "สุขภาพ"}]},
        "product_images": {"images": goods.picture_names, "video": None},
        "product_review": {"rating_star": goods.rating, "rating_count": [goods.ratings, 0, 0], "total_rating_count": goods.ratings, "historical_sold": goods.sold},
        "shop_detailed": {"shopid": 11, "name": goods.seller, "account": {"username": goods.code + ".shop"}, "rating_star": 4.2, "item_count": 91},
        "recommended": [{"itemid": n, "shopid": 5, "name": x[0], "price": x[1] * 100_000, "image": x[2], "historical_sold": 999_999} for n, x in enumerate(others(url))],
    }  # fmt: skip
    data = {"initialState": {"DOMAIN_PDP": {"data": {"PDP_BFF_DATA": {"cachedMap": {"11/22": entry}}}}}}
    body = '<div id="main"></div>' + state(
        data, '<script type="text/mfe-initial-data" data-module="pc-item">'
    )
    head = canonical(url) + _shopee_ld(goods, url)
    return _page("shopee, data", url, document(f"{goods.name} | Shopee Thailand", head, body), goods)


def shopee_withheld(goods: Goods) -> Page:
    """Data that hold back price and sales of the item, and give the description in paragraphs."""
    url = f"https://shopee.co.th/product/11/22{len(goods.name)}"
    entry = {
        "item": {
            "item_id": 22,
            "shop_id": 11,
            "title": goods.name,
            "description": None,
            "price": None,
            "sold": None,
        },
        "product_description": {"paragraph_list": [{"type": 0, "text": x} for x in goods.lines]},
        "product_price": {"price": {"single_value": goods.price * 100_000, "range_min": -1}},
        "product_attributes": {"attrs": [{"name": k, "value": v} for k, v in goods.all_rows]},
        "product_images": {"images": goods.picture_names},
        "product_review": {
            "rating_star": goods.rating,
            "total_rating_count": goods.ratings,
            "global_sold": goods.sold,
        },
        "shop_detailed": {"shopid": 11, "name": goods.seller, "account": {"username": "x"}},
    }
    data = {"initialState": {"DOMAIN_PDP": {"data": {"PDP_BFF_DATA": {"cachedMap": {"11/22": entry}}}}}}
    body = '<div id="main"></div>' + state(
        data, '<script type="text/mfe-initial-data" data-module="pc-item">'
    )
    return _page("shopee, data withheld", url, document("Shopee Thailand", canonical(url), body), goods)


def shopee_saved(goods: Goods) -> Page:
    """As a browser saves it: names of classes that mean nothing, headings as labels, pictures in sizes."""
    url = f"https://shopee.co.th/{goods.code}-i.11.33"
    pictures = "".join(
        f'<div class="YM40Nc"><picture><source srcset="{_SHOPEE}{x}@resize_w82_nl.webp 1x, {_SHOPEE}{x}@resize_w164_nl.webp 2x">'
        f'<img src="{_SHOPEE}{x}@resize_w82_nl" alt=""></picture></div>'
        for x in goods.picture_names
    )
    rows = '<div class="ybxj32"><h3 class="VJOnTD">หมวดหมู่</h3><div class="flex"><a href="/">Shopee</a><img src="https://deo.shopeemobile.example/arrow.png"><a href="/cat">สุขภาพ</a></div></div>'
    rows += "".join(
        f'<div class="ybxj32"><h3 class="VJOnTD">{escape(k)}</h3>'
        + (
            f'<a class="EHBnsu" href="/brands/x">{escape(v)}</a>'
            if k in {"ยี่ห้อ", "แบรนด์", "Brand"}
            else f"<div>{escape(v)}</div>"
        )
        + "</div>"
        for k, v in goods.all_rows
    )
    body = (
        '<div id="main"><div class="navbar"><a href="/seller">ศูนย์ผู้ขาย</a></div><div class="page-product"><div class="flex">'
        f'<section class="flex card"><div class="airUhU">{pictures}</div></section><section class="flex flex-auto">'
        f'<h1 class="vR6K3w">{escape(goods.name)}</h1>'
        f'<button class="flex e2p50f"><div class="F9RHbS">{goods.rating}</div></button>'
        f'<button class="flex e2p50f"><div class="F9RHbS">{thai_count(goods.ratings)}</div><div class="x1i_He">การให้คะแนน</div></button>'
        f'<button class="aleSBU"><div class="AcmPRb">{thai_count(goods.sold)}</div><div>ขายแล้ว</div></button>'
        f'<div class="IZPeQz B67UQ0">฿{goods.price}</div><button type="button">เพิ่มไปยังรถเข็น</button></section></div>'
        f'<section class="shop"><div class="fV3TIn">{escape(goods.seller)}</div><div class="YnZi6x"><label class="ffHYws">คะแนน</label><span class="Cs6w3G">12.5พัน</span></div><div class="YnZi6x"><label class="ffHYws">รายการสินค้า</label><span class="Cs6w3G">91</span></div></section>'
        f'<section class="I_DV_3"><h2 class="WjNdTR">ข้อมูลจำเพาะของสินค้า</h2><div class="Gf4Ro0">{rows}</div></section>'
        f'<section class="I_DV_3"><h2 class="WjNdTR">รายละเอียดสินค้า</h2><div class="Gf4Ro0"><div class="e8lZp3 product-description">{"".join(f"<p class=QN2lPu>{escape(x)}</p>" for x in goods.lines)}</div></div></section>'
        '<div class="product-ratings"><p>ของคนละชิ้น ไม่เหมือนในรูป</p></div>'
        + "".join(f'<a href="/x-i.9.{n}"><img src="{_SHOPEE}{x[2]}"><div>{x[0]}</div><div>฿{x[1]}</div><div>ขายแล้ว 9.9ล้าน ชิ้น</div></a>' for n, x in enumerate(others(url)))
        + "</div></div>"
    )  # fmt: skip
    html = document(f"{goods.name} | Shopee Thailand", canonical(url) + _shopee_ld(goods, url), body)
    page = _page("shopee, saved", url, html, goods)
    return _without(page, seller="")


def shopee_glued(goods: Goods) -> Page:
    """Older: ``label`` and text side by side, no data at all; the page's own words are all there is."""
    url = f"https://shopee.co.th/{goods.code}-i.11.44"
    rows = "".join(
        f'<div class="dR8kXc"><label class="zquA4o">{escape(k)}</label><div>{escape(v)}</div></div>'
        if n % 2
        else f'<div class="dR8kXc"><label class="zquA4o">{escape(k)}</label><a href="/b">{escape(v)}</a></div>'
        for n, (k, v) in enumerate(goods.all_rows)
    )
    pictures = "".join(
        f'<div class="product-image"><img src="{_SHOPEE}{x}_tn"></div>' for x in goods.picture_names
    )
    body = (
        f'<div class="page-product"><div class="carousel">{pictures}</div><h1>{escape(goods.name)}</h1>'
        f'<div class="price">฿{goods.price}</div><div>{short_count(goods.sold)} sold</div><div>{short_count(goods.ratings)} Ratings</div>'
        f'<div class="shop-name">{escape(goods.seller)}</div>'
        f'<div class="product-detail"><div class="heading">ข้อมูลจำเพาะของสินค้า</div><div>{rows}</div>'
        f'<div class="heading">รายละเอียดสินค้า</div><p>{"<br>".join(map(escape, goods.lines))}</p></div>'
        + "".join(f'<a href="/x-i.9.{n}"><img src="{_SHOPEE}{x[2]}_tn">{x[0]} ฿{x[1]}</a>' for n, x in enumerate(others(url)))
        + "</div>"
    )  # fmt: skip
    page = _page("shopee, glued", url, document(f"{goods.name} | Shopee", canonical(url), body), goods)
    return _without(page, rating=None)


def lazada_data(goods: Goods) -> Page:
    url = f"https://www.lazada.co.th/products/{goods.code}-i501-s601.html"
    fields = {
        "product": {"title": goods.name, "brand": {"name": goods.rows[0][1]}, "highlights": "", "desc": "".join(f"<p>{escape(x)}</p>" for x in goods.lines), "rating": {"score": goods.rating, "total": goods.ratings}, "itemSoldCntShow": f"{short_count(goods.sold)} sold"},
        "seller": {"name": goods.seller, "url": "//www.lazada.co.th/shop/x", "rate": 0.82},
        "skuInfos": {"0": {"price": {"salePrice": {"text": f"฿{goods.price}.00", "value": goods.price}}}, "601": {}},
        "skuGalleries": {"0": [{"type": "img", "src": f"//th-live-01.slatic.example/p/{x}.jpg"} for x in goods.picture_names]},
        "specifications": {"601": {"features": dict(goods.all_rows)}},
        "review": {"ratings": {"average": goods.rating, "rateCount": goods.ratings, "reviewCount": 1}},
        "recommend": [{"title": x[0], "price": x[1], "image": x[2]} for x in others(url)],
    }  # fmt: skip
    body = (
        '<div id="container"></div>'
        + state({"data": {"root": {"fields": fields}}}, "<script>app.run(")[:-9]
        + ");</script>"
    )
    return _page("lazada, data", url, document(f"{goods.name} | Lazada.co.th", canonical(url), body), goods)


def lazada_saved(goods: Goods) -> Page:
    url = f"https://www.lazada.co.th/products/{goods.code}-i502-s602.html"
    host = "https://th-live-01.slatic.example/p/"
    pictures = "".join(
        f'<div class="item-gallery__image-wrapper"><img class="pdp-mod-common-image item-gallery__thumbnail-image" src="{host}{x}.jpg_120x120q80.jpg_.webp"></div>'
        for x in goods.picture_names
    )
    rows = "".join(
        f'<li class="key-li"><span class="key-title">{escape(k)}</span><div class="html-content key-value">{escape(v)}</div></li>'
        for k, v in goods.all_rows
    )
    body = (
        f'<div class="pdp-block"><div class="item-gallery">{pictures}</div><h1 class="pdp-mod-product-badge-title">{escape(goods.name)}</h1>'
        f'<div class="pdp-review-summary"><a class="pdp-review-summary__link" href="#module_product_review">คะแนน ({goods.ratings})</a></div>'
        f'<span class="pdp-price pdp-price_type_normal">฿{goods.price}.00</span><button>ซื้อทันที</button>'
        f'<div class="seller-name"><div class="seller-name__title">ขายโดย</div><div class="seller-name__detail"><a class="seller-name__detail-name" href="//www.lazada.co.th/shop/x">{escape(goods.seller)}</a></div></div>'
        f'<div class="pdp-product-detail"><h2 class="pdp-mod-section-title">รายละเอียดสินค้า {escape(goods.name)}</h2><div class="html-content detail-content pdp-product-desc description"><article>{"".join(f"<p><span>{escape(x)}</span></p>" for x in goods.lines)}</article></div>'
        f'<div class="pdp-mod-specification"><h2 class="pdp-mod-section-title">ข้อมูลจำเพาะของ {escape(goods.name)}</h2><div class="pdp-general-features"><ul class="specification-keys">{rows}</ul></div><div class="box-content"><span class="key-title">ในกล่องมีอะไรบ้าง</span><div class="html-content box-content-html">1 ชิ้น</div></div></div></div>'
        '<div class="mod-reviews review-list"><div class="item">ของคนละชิ้น แต่ใช้ดี</div></div>'
        f'<div class="recommend-wrap">{"".join(f"<a href=//www.lazada.co.th/products/y-i{n}.html><img src={host}{x[2]}.jpg>{x[0]}</a>" for n, x in enumerate(others(url)))}</div></div>'
    )  # fmt: skip
    head = canonical(url) + json_ld(
        {
            "@type": "Product",
            "name": goods.name,
            "description": goods.lines[0],
            "image": f"{host}{goods.picture_names[0]}.jpg",
            "url": url,
            "offers": {
                "@type": "AggregateOffer",
                "lowPrice": goods.price,
                "priceCurrency": "THB",
                "seller": {"@type": "Organization", "name": goods.seller},
            },
        }
    )
    page = _page("lazada, saved", url, document(f"{goods.name} | Lazada.co.th", head, body), goods)
    return _without(page, sold=None, rating=None)


def tiktok_models(goods: Goods) -> Page:
    url = f"https://www.tiktok.com/shop/th/pdp/{goods.code}/1730{len(goods.name)}"
    info = {
        "product_model": {
            "product_id": "1730", "name": goods.name, "sold_count": goods.sold,
            "description": json.dumps([{"type": "text", "text": x} for x in goods.lines], ensure_ascii=False),
            "images": [{"url_list": [f"{_TIKTOK}/{x}~tplv-resize:800.jpeg"], "uri": x} for x in goods.picture_names],
            "specifications": [{"name": k, "value": v} for k, v in goods.all_rows],
        },
        "seller_model": {"seller_id": "749", "shop_name": goods.seller, "sold_count": "9.9M"},
        "promotion_model": {"promotion_product_price": {"min_price": {"sale_price_decimal": str(goods.price), "currency_name": "THB"}}},
        "review_model": {"product_overall_score": goods.rating, "product_review_count": goods.ratings},
    }  # fmt: skip
    cards = [
        {
            "component_type": "feed",
            "component_data": {
                "products": [
                    {
                        "product_id": str(n),
                        "title": x[0],
                        "image": {"url_list": [x[2]]},
                        "sold_info": {"sold_count": 9},
                    }
                    for n, x in enumerate(others(url))
                ]
            },
        }
    ]
    data = {
        "loaderData": {
            "shop/pdp": {
                "page_config": {"components_map": [{"component_data": {"product_info": info}}, *cards]}
            }
        }
    }
    body = '<div id="root"></div>' + state(
        data, '<script type="application/json" id="__MODERN_ROUTER_DATA__">'
    )
    return _page(
        "tiktok shop, models", url, document(f"{goods.name} - TikTok Shop", canonical(url), body), goods
    )


def tiktok_base(goods: Goods) -> Page:
    url = f"https://shop.tiktok.com/view/product/17{len(goods.name)}"
    info = {
        "product_id": "17", "status": 1, "seller": {"seller_id": "749", "name": goods.seller, "product_count": 77},
        "product_base": {
            "title": goods.name, "desc_detail": json.dumps([{"type": "text", "text": goods.text}, {"type": "image", "image": {}}], ensure_ascii=False),
            "images": [{"thumb_url_list": [], "url_list": [f"{_TIKTOK}/{x}.jpeg"]} for x in goods.picture_names],
            "sold_count": goods.sold, "price": {"real_price": f"฿{goods.price}.00", "original_price": "฿9,999", "currency": "THB"},
            "specifications": [{"name": k, "value": v} for k, v in goods.all_rows],
        },
        "product_detail_review": {"product_rating": goods.rating, "review_count": goods.ratings, "review_items": [{"review": {"display_text": "ของคนละชิ้น"}}]},
    }  # fmt: skip
    data = {"loaderData": {"view/product/(product_id)/page": {"initialData": {"productInfo": info}}}}
    body = "<div>Product not available in this country or region</div>" + state(
        data, '<script type="application/json" id="__MODERN_ROUTER_DATA__">'
    )
    return _page("tiktok shop, base", url, document("TikTok Shop", canonical(url), body), goods)


def line_data(goods: Goods) -> Page:
    url = f"https://shop.line.me/@demo/product/10{len(goods.name)}"
    product = {
        "id": 10, "name": goods.name, "description": "".join(f"<p>{escape(x)}</p>" for x in goods.lines), "price": goods.price + 100, "salePrice": goods.price,
        "imageUrls": [f"https://shop.line-scdn.example/{x}.jpg" for x in goods.picture_names], "shop": {"name": goods.seller, "url": "https://shop.line.me/@demo"},
        "soldCount": goods.sold, "rating": {"average": goods.rating, "reviewCount": goods.ratings},
        "attributes": [{"title": "ข้อมูล", "attributes": [{"label": k, "values": [{"value": v}]} for k, v in goods.all_rows]}],
    }  # fmt: skip
    recommend = [
        {"name": x[0], "description": "รายละเอียดยาวพอสมควรของคนละชิ้น", "price": x[1], "imageUrls": [x[2]]}
        for x in others(url)
    ]
    data = {"props": {"pageProps": {"product": product, "recommend": recommend}}}
    body = f"<h1>{escape(goods.name)}</h1>" + state(
        data, '<script id="__NEXT_DATA__" type="application/json">'
    )
    return _page(
        "line shopping, data", url, document(f"{goods.name} | LINE SHOPPING", canonical(url), body), goods
    )


def line_saved(goods: Goods) -> Page:
    """Labels and values alternate, without a box for each row."""
    url = f"https://shop.line.me/@demo/product/20{len(goods.name)}"
    pictures = "".join(
        f'<div class="swiper-slide"><img src="data:image/gif;base64,R0" data-src="https://shop.line-scdn.example/{x}.jpg"></div>'
        for x in goods.picture_names
    )
    rows = "".join(
        f'<span class="css-1k2">{escape(k)}</span><span class="css-9zz">{escape(v)}</span>'
        for k, v in goods.all_rows
    )
    cards = "".join(
        f'<a href="/@x/product/{n}"><img src="https://shop.line-scdn.example/{x[2]}.jpg"><p>{x[0]}</p><p>฿{x[1]}</p></a>'
        for n, x in enumerate(others(url))
    )
    body = (
        f'<main><div class="swiper">{pictures}</div><h1>{escape(goods.name)}</h1><p class="price">฿{goods.price}</p><p>ขายแล้ว {goods.sold:,} ชิ้น</p><p>{goods.rating}/5</p><p>({goods.ratings:,} รีวิว)</p>'
        f'<a class="shop-name" href="/@demo">{escape(goods.seller)}</a><div class="shopname"><p class="store-name">{escape(goods.seller)}</p></div>'
        f'<h2>ข้อมูลสินค้า</h2><div class="css-77">{rows}</div><h2>รายละเอียดสินค้า</h2><div class="description">{"".join(f"<p>{escape(x)}</p>" for x in goods.lines)}</div>'
        f'<button>เพิ่มลงตะกร้า</button></main><section class="recommend">{cards}</section>'
    )  # fmt: skip
    return _page(
        "line shopping, saved", url, document(f"{goods.name} | LINE SHOPPING", canonical(url), body), goods
    )


def _page(shape: str, url: str, html: bytes, goods: Goods) -> Page:
    return Page(
        shape, url, html, goods.name, goods.lines, str(goods.price), goods.seller, tuple(goods.picture_names), goods.all_rows,
        goods.number[1], goods.sold, goods.rating, goods.ratings,
    )  # fmt: skip


def _without(page: Page, **fields: object) -> Page:
    """The page's truth without what this shape does not show."""
    return Page(**{**{k: getattr(page, k) for k in page.__dataclass_fields__}, **fields})


MARKETPLACES = (
    shopee_data, shopee_withheld, shopee_saved, shopee_glued, lazada_data, lazada_saved, tiktok_models, tiktok_base, line_data, line_saved,
)  # fmt: skip
