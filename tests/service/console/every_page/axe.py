"""Runs axe-core in a tab."""

from typing import Any

import pytest

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Tags of axe-core: WCAG 2.2 at the levels A and AA, and its own good practice."""

NOTES_CHANGES = """window.changes = (() => {
  const found = new Set();
  let focused = null;
  // What comes by fetch belongs to the action that asked for it.
  const [ask, asked] = [window.fetch, new Set()];
  window.fetch = (...given) => {
    const answer = ask(...given);
    asked.add(answer);
    answer.then((got) => got.clone().text()).catch(() => {}).finally(() => requestAnimationFrame(() => asked.delete(answer)));
    return answer;
  };
  const note = (records) => {
    for (const { target, addedNodes, type } of records)
      // The heights of bars are kept in an attribute of the root.
      if (type !== "attributes" || target !== document.documentElement)
        for (const node of addedNodes.length ? addedNodes : [target])
          found.add(node.nodeType === Node.ELEMENT_NODE ? node : target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement);
  };
  const observer = new MutationObserver(note);
  return {
    // What was there before is judged as a whole.
    begin() {
      focused = document.activeElement;
      // Its body may be replaced (ahead.js).
      observer.observe(document.documentElement, { subtree: true, childList: true, attributes: true, characterData: true });
    },
    async settled() {
      while (asked.size) await new Promise((next) => setTimeout(next, 10));
    },
    take() {
      note(observer.takeRecords());
      const all = [...found]
        // What is put into a field changes no element, but the focus moves to it.
        .concat([focused, document.body].includes(document.activeElement) ? [] : document.activeElement)
        .filter((one) => one?.isConnected && one.checkVisibility());
      found.clear();
      focused = document.activeElement;
      return all.filter((one) => !all.some((other) => other !== one && other.contains(one)));
    },
  };
})()"""

JUDGE = """async (options) => {
  await changes.settled();
  const include = changes.take();
  if (!include.length) return [0, []];
  const { violations } = await axe.run({ include }, options);
  changes.take();
  return [include.length, violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`)];
}"""
"""Returns how many parts have changed since the last call, and the violations in them."""

JUDGE_ALL = """async (options) => {
  const { violations } = await axe.run(document, options);
  changes.begin();
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""


def axe_script() -> str:
    """The script of axe-core; skips the test where it is not installed."""
    script: str = pytest.importorskip("axe_playwright_python.sync_playwright").Axe().axe_script
    return script


def broken_rules(tab: Any, script: str, dark: bool) -> list[str]:
    """Judge a page when it opens, and later what has changed; a tab needs :data:`NOTES_CHANGES` first.

    Contrast and the size of targets are left to eyes.js: axe-core takes many times as long for contrast, and takes
    what has scrolled under a bar for a small target. Where the colours are dark, one other rule can come to another
    result.
    """
    options = {
        "runOnly": {"type": "rule", "values": ["link-in-text-block"]} if dark else RULES,
        "rules": {rule: {"enabled": False} for rule in ("color-contrast", "target-size")},
        "resultTypes": ["violations"],
    }
    if tab.evaluate("'axe' in window"):
        found: list[str] = tab.evaluate(JUDGE, options)[1]
        return found
    tab.evaluate(script)
    whole: list[str] = tab.evaluate(JUDGE_ALL, options)
    return whole
