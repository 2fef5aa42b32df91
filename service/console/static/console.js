// Shortcuts. Everything here can be done without it.
// Keys are told by their place (event.code), so that they work under the Thai layout too.
"use strict";

(() => {
  const help = document.getElementById("help");
  const items = [...document.querySelectorAll("[data-row], [data-claim]")];
  let here = -1;

  function select(index) {
    if (!items.length) return;
    items[here]?.classList.remove("here");
    here = Math.max(0, Math.min(items.length - 1, index));
    const item = items[here];
    item.classList.add("here");
    item.scrollIntoView({ block: "nearest" });
    (item.querySelector("a.title") ?? item).focus({ preventScroll: true });
    for (const mark of document.querySelectorAll("a.mark.here")) mark.classList.remove("here");
    const marks = item.id ? document.querySelectorAll(`a.mark[href="#${CSS.escape(item.id)}"]`) : [];
    for (const mark of marks) mark.classList.add("here");
    marks[0]?.scrollIntoView({ block: "nearest" });
  }

  function choose(side) {
    if (here < 0) select(0);
    const radio = items[here]?.querySelector(`.choice .${side} input`);
    if (!radio) return;
    radio.checked = true;
    if (side !== "none" && here < items.length - 1) select(here + 1);
  }

  function follow(selector) {
    const link = document.querySelector(selector);
    if (link) location.assign(link.href);
  }

  // Words selected in the text go into the field for claims that the machine missed.  Places are counted in
  // characters, as the server counts them, not in UTF-16 units.
  const text = document.getElementById("text");
  function takeSelection() {
    const words = document.getElementById("words");
    const chosen = getSelection();
    if (!words || !text || !chosen.rangeCount || chosen.isCollapsed) return;
    const range = chosen.getRangeAt(0);
    if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return;
    const before = document.createRange();
    before.selectNodeContents(text);
    before.setEnd(range.startContainer, range.startOffset);
    words.value = chosen.toString().trim();
    document.getElementById("words-near").value = [...before.toString()].length;
  }
  text?.addEventListener("mouseup", takeSelection);
  text?.addEventListener("keyup", takeSelection);

  function openPart(id, focus) {
    const part = document.getElementById(id);
    if (!part) return;
    part.open = true;
    document.getElementById(focus)?.focus();
    part.scrollIntoView({ block: "nearest" });
  }

  function addWords() {
    takeSelection();
    openPart("added", document.getElementById("words")?.value ? "words-label" : "words");
  }

  function toggleHelp() {
    if (!help) return;
    if (help.open) help.close();
    else help.showModal();
  }

  function toggleViews() {
    const views = document.getElementById("views");
    if (!views) return;
    views.open = !views.open;
    if (views.open) views.querySelector("a, input:not([type=hidden])")?.focus();
    else views.querySelector("summary").focus();
  }

  const keys = {
    KeyJ: () => select(here + 1),
    KeyK: () => select(here - 1),
    KeyC: () => choose("yes"),
    KeyR: () => choose("no"),
    KeyU: () => choose("none"),
    KeyN: () => document.getElementById("note")?.focus(),
    KeyA: addWords,
    KeyM: () => openPart("more", "product-class"),
    KeyZ: () => document.querySelector("button[data-undo]")?.click(),
    KeyS: () => follow("[data-next]"),
    KeyQ: () => follow("[data-back]"),
    KeyF: () => document.getElementById("filter-class")?.focus(),
    KeyV: toggleViews,
    KeyT: () => document.querySelector("button[data-take]")?.click(),
    Comma: () => follow("[data-previous]"),
    Period: () => follow("[data-following]"),
    Slash: () => document.getElementById("search")?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const typing = event.target.closest("textarea, select, input:not([type=radio])");
    if (typing) {
      if (event.code === "Escape") typing.blur();
      return;
    }
    if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) {
      event.preventDefault();
      toggleHelp();
      return;
    }
    if (help?.open || event.shiftKey || event.repeat && !["KeyJ", "KeyK"].includes(event.code)) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const button = digit && document.querySelector(`button[data-key="${digit}"]`);
    const action = button ? () => button.click() : keys[event.code];
    if (!action) return;
    event.preventDefault();
    action();
  });

  // One press, one decision; a page brought back by the Back key may send again.
  const form = document.querySelector("form.decide");
  let sent = false;
  form?.addEventListener("submit", (event) => {
    // Enter in a field presses a button that decides nothing.
    if (sent || !event.submitter?.value) event.preventDefault();
    else sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });

  // Working on a case renews the time for which it is taken, at most once in so many seconds.
  const lease = document.querySelector("form[data-lease]");
  if (lease) {
    let renewed = Date.now();
    // Not lease.action: a button of that name hides it.
    const renew = async () => {
      if (Date.now() - renewed < Number(lease.dataset.lease) * 1000) return;
      renewed = Date.now();
      const body = new URLSearchParams(new FormData(lease));
      body.set("action", "renew");
      try {
        const answer = await fetch(lease.getAttribute("action"), { method: "POST", body });
        const told = answer.ok ? await answer.json() : {};
        const lost = document.getElementById("lost");
        lost.hidden = told.state !== "other";
        lost.querySelector("span").textContent = told.name ?? "";
      } catch {
        // Offline: the next press tries again, and a decision is checked in any case.
      }
    };
    for (const name of ["keydown", "pointerdown", "input"]) addEventListener(name, renew, { passive: true });
  }

  // A link to a law or claim opens and selects what it points to.
  function open() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.matches("details")) target.open = true;
    const index = items.indexOf(target);
    if (index >= 0) select(index);
  }
  addEventListener("hashchange", open);
  document.querySelector("[data-stayed]")?.scrollIntoView({ block: "center" });
  open();

  for (const button of document.querySelectorAll("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", toggleHelp);
  }
})();
