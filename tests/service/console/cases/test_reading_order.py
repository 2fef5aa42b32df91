"""The order in which a screen reader reads the case and the queue, by chromium's accessibility tree."""

from typing import Any

import pytest

pytestmark = pytest.mark.needs_browser


def spoken(page: Any) -> list[tuple[str, str]]:
    """Role and name of what the page says, in order."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = {node["nodeId"]: node for node in tree}
    found: list[tuple[str, str]] = []

    def walk(node: dict[str, Any]) -> None:
        if not node.get("ignored"):
            found.append((node["role"]["value"], node.get("name", {}).get("value", "")))
        for child in node.get("childIds", ()):
            if child in nodes:
                walk(nodes[child])

    walk(tree[0])
    return found


def in_order(said: list[tuple[str, str]], *wanted: tuple[str, str]) -> None:
    """Each of these is said, after the one before; a name may be a part of what is said."""
    at = 0
    for role, name in wanted:
        places = [
            index
            for index, (is_role, words) in enumerate(said)
            if index >= at and is_role == role and name in words
        ]
        assert places, (role, name, said[at : at + 40])
        at = places[0] + 1


def test_the_case_and_the_queue_are_read_in_the_order_of_the_work(
    page: Any, address: str, filled: Any, password: str, sign_in: Any
) -> None:
    sign_in(page, address, password, "/queue")
    in_order(
        spoken(page),
        ("link", "ข้ามไปที่เนื้อหา"),
        ("navigation", "หลัก"),
        ("main", ""),
        ("heading", "คิวงานพิจารณาโฆษณา"),
        ("navigation", "สถานะ"),
        ("search", ""),
        ("navigation", "ผลประเมินของระบบ"),
        ("table", "รายการโฆษณา เรียงจากความเสี่ยงคูณความร้ายแรง"),
        ("columnheader", "ความเสี่ยง"),
        ("checkbox", f"เลือกเคส {filled.ids['worst']}"),
        ("link", "แคปซูลใบรุ่งเรือง"),
        ("checkbox", f"เลือกเคส {filled.ids['serum']}"),
        ("navigation", "หน้า"),
    )
    page.goto(f"{address}/cases/{filled.ids['worst']}")
    in_order(
        spoken(page),
        ("link", "ข้ามไปที่การตัดสิน"),
        ("main", ""),
        ("link", "← คิวงาน"),
        ("heading", "แคปซูลใบรุ่งเรือง"),
        ("heading", "ข้อความโฆษณา"),
        ("heading", "ผู้ขายและแหล่งที่มา"),
        ("heading", "ข้อความที่ระบบพบ"),
        ("radiogroup", "ข้อ 1"),
        ("radio", "ยืนยัน"),
        ("radio", "ไม่เข้าข่าย"),
        ("radiogroup", "ข้อ 2"),
        ("heading", "ฐานความผิดที่จะใช้"),
        ("group", "ตัดสินและเปิดเคสถัดไป"),
        ("button", "เข้าข่ายโฆษณาต้องห้าม"),
        ("button", "ไม่แน่ใจ"),
    )
