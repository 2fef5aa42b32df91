"""Edits that sellers make to a picture before publishing it again."""

import io
import random
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

Edit = Callable[[Image.Image, random.Random, ImageFont.FreeTypeFont], list[Image.Image]]

_PAINTS: Final = ((220, 0, 0), (255, 180, 0), (0, 120, 60), (30, 60, 200))


def _crop(image: Image.Image, chance: random.Random, _: ImageFont.FreeTypeFont) -> list[Image.Image]:
    width, height = image.size
    cuts = [chance.uniform(0.05, 0.18) for _ in range(4)]
    box = (cuts[0] * width, cuts[1] * height, (1 - cuts[2]) * width, (1 - cuts[3]) * height)
    return [image.crop(tuple(int(side) for side in box))]  # type: ignore[arg-type]


def _frame(image: Image.Image, chance: random.Random, font: ImageFont.FreeTypeFont) -> list[Image.Image]:
    edge = chance.randint(40, 110)
    framed = ImageOps.expand(image, edge, chance.choice(_PAINTS))
    ImageDraw.Draw(framed).text((edge, 4), "ของแท้ ส่งไว", (255, 255, 255), font)
    return [framed]


def _sticker(image: Image.Image, chance: random.Random, font: ImageFont.FreeTypeFont) -> list[Image.Image]:
    image = image.copy()
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randint(1, 3)):
        radius = chance.randint(60, 140)
        x, y = (chance.randint(0, side) for side in image.size)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=chance.choice(_PAINTS))
        draw.text((x, y), chance.choice(("ลด 30%", "SALE", "ส่งฟรี")), (255, 255, 255), font, anchor="mm")
    return [image]


def _mirror(image: Image.Image, *_: object) -> list[Image.Image]:
    return [ImageOps.mirror(image)]


def _recompression(image: Image.Image, chance: random.Random, _: ImageFont.FreeTypeFont) -> list[Image.Image]:
    for quality in (chance.randint(15, 30), chance.randint(30, 60)):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        image = Image.open(file).convert("RGB")
    return [image]


def _scaling(image: Image.Image, chance: random.Random, _: ImageFont.FreeTypeFont) -> list[Image.Image]:
    factor, stretch = chance.uniform(0.35, 0.7), chance.uniform(0.85, 1.15)
    size = round(image.width * factor * stretch), round(image.height * factor)
    return [image.resize(size, Image.Resampling.LANCZOS)]


def _colour(image: Image.Image, chance: random.Random, _: ImageFont.FreeTypeFont) -> list[Image.Image]:
    image = ImageEnhance.Color(image).enhance(chance.choice((0.0, 0.4, 1.8)))
    image = ImageEnhance.Brightness(image).enhance(chance.uniform(0.7, 1.3))
    image = ImageEnhance.Contrast(image).enhance(chance.uniform(0.7, 1.3))
    shift = np.array([chance.randint(-40, 40) for _ in range(3)])
    return [Image.fromarray(np.clip(np.asarray(image, int) + shift, 0, 255).astype(np.uint8))]


def _text_over(image: Image.Image, chance: random.Random, font: ImageFont.FreeTypeFont) -> list[Image.Image]:
    image = image.copy()
    draw = ImageDraw.Draw(image, "RGBA")
    y = chance.randint(0, image.height - 150)
    draw.rectangle((0, y, image.width, y + 90), fill=(*chance.choice(_PAINTS), 230))
    draw.text((image.width / 2, y + 45), "ร้านใหม่ ทักแชทรับส่วนลดทันที", (255, 255, 255), font, anchor="mm")
    return [image]


def _split(image: Image.Image, chance: random.Random, _: ImageFont.FreeTypeFont) -> list[Image.Image]:
    width, height = image.size
    if chance.random() < 0.5:
        return [image.crop((0, 0, width, height // 2)), image.crop((0, height // 2, width, height))]
    return [image.crop((0, 0, width // 2, height)), image.crop((width // 2, 0, width, height))]


def _screenshot(image: Image.Image, chance: random.Random, font: ImageFont.FreeTypeFont) -> list[Image.Image]:
    """Return a phone screenshot of a shop's page, with the same bars around every picture."""
    dark = chance.random() < 0.3
    screen = Image.new("RGB", (1080, 2200), (18, 18, 18) if dark else (255, 255, 255))
    draw, ink = ImageDraw.Draw(screen), (235, 235, 235) if dark else (30, 30, 30)
    draw.text((50, 20), "12:30", ink, font)
    draw.rectangle((960, 30, 1030, 65), outline=ink, width=4)
    draw.rectangle((0, 90, 1080, 210), fill=(238, 77, 45))
    draw.text((60, 115), "ค้นหาสินค้าในร้านนี้", (255, 255, 255), font)
    height = round(1080 * image.height / image.width)
    screen.paste(image.resize((1080, height), Image.Resampling.LANCZOS).crop((0, 0, 1080, 1500)), (0, 210))
    y = 210 + min(height, 1500)
    for line in ("฿ 590  ขายแล้ว 1.2 พันชิ้น", "คะแนนร้านค้า 4.9 จาก 5", "การรับประกันและการจัดส่ง"):
        y += 80
        draw.text((40, y), line, ink, font)
    draw.rectangle((0, 2060, 1080, 2200), fill=(238, 77, 45))
    draw.text((540, 2130), "แชทเลย   |   เพิ่มไปยังรถเข็น   |   ซื้อสินค้า", (255, 255, 255), font, anchor="mm")
    shown = chance.randint(700, 1080)
    return [screen.resize((shown, round(2200 * shown / 1080)), Image.Resampling.LANCZOS)]


EDITS: Final[dict[str, Edit]] = {
    "crop": _crop,
    "frame": _frame,
    "sticker": _sticker,
    "mirror": _mirror,
    "recompression": _recompression,
    "scaling": _scaling,
    "colour": _colour,
    "text over": _text_over,
    "split in two": _split,
    "screenshot": _screenshot,
}
