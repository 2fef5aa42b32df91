"""Product pictures drawn as SVG, so that the shop needs no external resources."""

from html import escape

from crawler.sample_shop.catalogue import SampleProduct, shop

_SHAPES = {
    "bottle": '<rect x="150" y="70" width="100" height="34" rx="8"/><rect x="126" y="108" width="148" '
    'height="210" rx="26"/>',
    "vial": '<rect x="172" y="60" width="56" height="60" rx="6"/><path d="M160 122h80l30 60v120'
    'a24 24 0 0 1-24 24h-92a24 24 0 0 1-24-24v-120z"/>',
    "tube": '<path d="M140 74h120l-16 196h-88z"/><rect x="160" y="276" width="80" height="46" rx="8"/>',
    "cup": '<path d="M112 130h156v110a78 78 0 0 1-156 0z"/><path d="M270 150h24a34 34 0 0 1 0 84h-26" '
    'fill="none" stroke-width="16"/>',
    "device": '<rect x="96" y="92" width="208" height="176" rx="28"/>'
    '<rect x="160" y="276" width="80" height="38" rx="10"/>',
    "box": '<path d="M200 74l110 52v130l-110 58-110-58v-130z"/>',
}
_LABEL = 18
"""Maximum characters of a brand on the label."""


def picture(item: SampleProduct) -> str:
    """Return a 400 by 400 SVG document with the brand on the label."""
    top = shop().category(shop().category(item.category).top)
    background, ink = top.colours or ("#eeeeee", "#333333")
    brand = escape(item.brand[:_LABEL])
    turn = int(item.sku[-2:]) * 47 % 130 - 40  # neighbours on a shelf differ in colour
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400" role="img">'
        f'<g filter="hue-rotate({turn}deg)">'
        f'<rect width="400" height="400" fill="{background}"/>'
        f'<g fill="{ink}" stroke="{ink}" stroke-width="2" stroke-linejoin="round">{_SHAPES[top.picture]}</g>'
        f'<rect x="84" y="176" width="232" height="58" rx="10" fill="#fffdf8" '
        f'stroke="{ink}" stroke-width="3"/>'
        '<text x="200" y="214" font-family="Sarabun, Noto Sans Thai, Leelawadee UI, Tahoma, sans-serif" '
        f'font-size="26" text-anchor="middle" fill="{ink}">{brand}</text></g></svg>\n'
    )
