"""What people do on a page before it is looked at."""

from dataclasses import dataclass
from typing import Any

from labels.taxonomy import ClaimLabel, Verdict
from tests.service.console.every_page.maker import BENEFIT, SECURED


@dataclass(frozen=True)
class Hands:
    """What people do on a page before it is looked at."""

    password: str
    codes: list[str]

    def logs_in(self, page: Any, name: str, word: str) -> None:
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", word)
        page.click("button.primary")
        page.wait_for_load_state()

    def asks_for_a_code(self, page: Any) -> None:
        self.logs_in(page, SECURED, self.password)
        page.wait_for_url("**/login/code**")

    def gives_a_code(self, page: Any) -> None:
        self.asks_for_a_code(page)
        page.fill("input[name=code]", self.codes.pop())
        page.click("button.primary")
        page.wait_for_url("**/account")

    def renews_the_codes(self, page: Any) -> None:
        self.gives_a_code(page)
        page.fill("input[name=password]", self.password)
        page.fill("input[name=code]", self.codes.pop())
        page.click("button:has-text('ชุดใหม่')")
        page.wait_for_load_state()

    def opens_everything(self, page: Any) -> None:
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")

    def ticks_all_rows(self, page: Any) -> None:
        self.opens_everything(page)
        page.locator("[data-pick-all]").press("Space")

    def previews_rows(self, page: Any) -> None:
        """The listings of a campaign's row before they are decided."""
        page.check("[name=campaign-row]")
        page.click("form.bulk [data-key='1']")
        page.wait_for_selector(".preview")
        self.opens_everything(page)

    def asks_for_help(self, page: Any) -> None:
        page.keyboard.press("Shift+?")

    def complains_badly(self, page: Any) -> None:
        page.select_option("#field-category", "health_ad")
        page.fill("#field-detail", " ")
        page.click("button.primary")
        page.wait_for_selector("#faults")

    def checks_a_draft(self, page: Any) -> None:
        page.fill("#draft-text", "น้ำผลไม้ รักษาเบาหวาน ขวดละ 90 บาท รักษาเบาหวาน")
        page.click("button.primary")
        page.wait_for_selector("#reason-1")
        self.opens_everything(page)

    def looks_up(self, page: Any, number: str, code: str) -> None:
        page.fill("#field-number", number)
        page.fill("#field-code", code)
        page.click("button.primary")
        page.wait_for_selector("#field-more")

    def previews(self, page: Any) -> None:
        page.locator('label:has(input[name="claim-1"][value="confirm"])').click()
        page.click(f'button[value="{Verdict.PROHIBITED}"]')
        page.wait_for_selector("#bulk")
        self.opens_everything(page)

    def adds_words(self, page: Any) -> None:
        self.opens_everything(page)
        page.fill("#words", BENEFIT)
        page.select_option("#words-label", ClaimLabel.ABSOLUTE)
        page.click("button[name=add]")
        page.wait_for_load_state()

    def types_what_is_personal(self, page: Any) -> None:
        page.fill("textarea[name=text]", "นายสมชาย ใจดี เป็นผู้ขาย โทร 080-000-1234")
        page.click('button[value="publish"]')
        page.wait_for_selector("#draft-found")

    def previews_words(self, page: Any) -> None:
        page.fill("textarea[name=what]", "แก้ไขชื่อโรค")
        page.fill("textarea[name=text]", "อย่าหลงเชื่อ\n- อ้างว่ารักษาโรคความดัน")
        page.click('button[value="check"]')
        page.wait_for_selector("#changes-title")

    def searches_quickly(self, page: Any) -> None:
        """Ctrl-K, a word, and down to the first result."""
        page.keyboard.press("Control+k")
        page.keyboard.type("เบาหวาน")
        page.locator("#find .found a").first.wait_for()
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.matches('#find .found a')")
