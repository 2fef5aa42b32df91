// Shortcuts. Everything here can be done without it.
// Keys are recognized by their position (event.code), so that they also work in the Thai layout.
"use strict";

(() => {
  // Sticky bars must not cover what is scrolled to, by script or by Tab: here are their heights, which console.css
  // can only guess.  In rules of lengths: Chromium styles every element of a long case again when a custom property
  // of the root changes, inherited or not.
  const room = CSSStyleSheet.prototype.replaceSync && new CSSStyleSheet();
  if (room) document.adoptedStyleSheets = [room];
  const rules = (head, bar) => `
    @media (min-width: 40.01rem) and (min-height: 34.01rem) {
      html { scroll-padding-top: ${head + 8}px; }
      html:has(.verdict-bar, form.bulk):not(:has(:is(.verdict-bar, form.bulk) :focus)) { scroll-padding-bottom: ${bar + 8}px; }
    }
    @media (max-width: 40rem) and (min-height: 34.01rem) {
      html:has(form.bulk:not([hidden])):not(:has(form.bulk :focus)) { scroll-padding-bottom: ${bar + 8}px; }
    }`;

  onEachPage(start);

  function start(signal) {
    const help = document.getElementById("help");
    // A case that comes back (ahead.js) has its row selected.
    let here = document.querySelector(":is([data-row], [data-claim]).here");

    const bars = [".top", ".verdict-bar, form.bulk"].map((selector) => document.querySelector(selector));
    let measured = "";
    const measure = () => {
      const found = rules(...bars.map((bar) => bar?.offsetHeight ?? 0));
      if (found !== measured) room?.replaceSync(found);
      measured = found;
    };

    // Without animation: a scroll that is still running would interfere with the next one.
    const show = (element) => element?.scrollIntoView({ block: "nearest", behavior: "instant" });

    // Browsers do not scroll to an element that is partly visible, and in a text field show only the edited line.
    // Do not scroll to what the pointer is on: it would move away from under it.
    let pointing = false;
    for (const name of ["pointerdown", "keydown"])
      addEventListener(name, () => { pointing = name === "pointerdown"; }, { capture: true, passive: true, signal });
    addEventListener("focusin", ({ target }) => { if (!pointing) show(target); }, { signal });
    // What a key has opened is shown whole.
    const opened = ({ target }) => { if (!pointing && target.open && target.contains(document.activeElement)) show(target); };
    addEventListener("toggle", opened, { capture: true, signal });

    // A bar that comes up or grows must not cover what has the focus either.
    const watcher = new ResizeObserver(() => {
      measure();
      const focus = document.activeElement;
      const { top, bottom } = focus.getBoundingClientRect();
      if (!pointing && !focus.matches("body, main, form") && bottom > 0 && top < innerHeight) show(focus);
    });
    for (const bar of bars) if (bar) watcher.observe(bar);
    signal.addEventListener("abort", () => watcher.disconnect());
    measure();

    // What changes above the element with the focus must not move it, on a phone even out of the window.
    function steadily(change) {
      const focus = document.activeElement;
      const { top, bottom } = focus.getBoundingClientRect();
      change();
      if (!focus.isConnected || focus.matches("body, main, form") || bottom <= 0 || top >= innerHeight) return;
      scrollBy({ top: focus.getBoundingClientRect().top - top, behavior: "instant" });
    }

    function select(item) {
      if (!item) return;
      here?.classList.remove("here");
      here = item;
      item.classList.add("here");
      (item.querySelector("a.title") ?? item).focus({ preventScroll: true });
      for (const mark of document.querySelectorAll("a.mark.here, a.box.here")) mark.classList.remove("here");
      const marks = item.id ? document.querySelectorAll(`:is(a.mark, a.box)[href="#${CSS.escape(item.id)}"]`) : [];
      for (const mark of marks) mark.classList.add("here");
      // Scroll to the focus last: it must stay visible if the two are far apart.
      show(marks[0]);
      show(item);
    }

    // Query the list each time: added words get their own rows.
    function step(by) {
      const items = [...document.querySelectorAll(":is([data-row], [data-claim]):not([hidden])")];
      const at = items.indexOf(here);
      select(items[at < 0 ? 0 : Math.max(0, Math.min(items.length - 1, at + by))]);
    }

    // The row with the focus, else the selected one, else the first.
    function pick() {
      const row = document.activeElement.closest("tr[data-row]") ?? here ?? document.querySelector("tr[data-row]");
      const box = row?.querySelector("td.pick input");
      if (!box) return;
      if (row !== here) select(row);
      box.click();
    }

    function answer(row, side) {
      const radio = row?.querySelector(`.choice .${side} input`);
      if (!radio || radio.checked) return Boolean(radio);
      radio.checked = true;
      return true;
    }

    function choose(side) {
      if (!here) step(0);
      if (!answer(here, side)) return;
      told(here);
      if (side !== "none") step(1);
    }

    // Keep answers that were already given.
    function confirmRest() {
      const open = [...document.querySelectorAll("[data-claim]")].filter((row) => row.querySelector(".choice .none input")?.checked);
      for (const row of open) answer(row, "yes");
      if (open.length) told(open[0]);
    }

    const told = (row) => row.querySelector(".choice input:checked").dispatchEvent(new Event("change", { bubbles: true }));

    function follow(selector) {
      const link = document.querySelector(selector);
      link?.click();
    }

    // The next claim in a picture, cyclically.
    function nextBox() {
      const items = [...document.querySelectorAll("[data-claim]")];
      const boxed = items.filter((item) => item.id && document.querySelector(`a.box[href="#${CSS.escape(item.id)}"]`));
      select(boxed.find((item) => items.indexOf(item) > items.indexOf(here)) ?? boxed[0]);
    }

    // Box coordinates refer to the picture as shown; a photograph may be stored rotated.
    const pictures = [...document.querySelectorAll(".picture")];
    for (const image of document.querySelectorAll(".stage img")) {
      const turn = () => {
        const [width, height] = [image.getAttribute("width"), image.getAttribute("height")].map(Number);
        if ((width - height) * (image.naturalWidth - image.naturalHeight) >= 0) return;
        image.width = height;
        image.height = width;
        image.parentElement.querySelector("svg")?.setAttribute("viewBox", `0 0 ${height} ${width}`);
      };
      if (image.complete) turn();
      else image.addEventListener("load", turn, { signal });
    }

    const ZOOMS = 4;
    function zoom(picture, step) {
      const stage = picture?.querySelector(".stage");
      if (!stage) return;
      const wanted = Number(stage.dataset.zoom ?? 1) + step;
      stage.dataset.zoom = Math.max(1, Math.min(ZOOMS, wanted));
      show(picture.querySelector("a.box.here"));
    }
    for (const button of document.querySelectorAll("[data-zoom][type=button]")) {
      button.hidden = false;
      button.addEventListener("click", () => zoom(button.closest(".picture"), Number(button.dataset.zoom)), { signal });
    }
    // The picture with the selected box, or the first one.
    const zoomHere = (step) => zoom(document.querySelector("a.box.here")?.closest(".picture") ?? pictures[0], step);

    // Copy a selection in a picture's words to the field for claims that the model missed.  Offsets are counted in
    // characters, as the server counts them, not in UTF-16 units.
    const texts = [...document.querySelectorAll("[data-text]")];
    function takeSelection() {
      const words = document.getElementById("words");
      const chosen = getSelection();
      if (!words || !chosen.rangeCount || chosen.isCollapsed) return;
      const range = chosen.getRangeAt(0);
      const text = texts.find((part) => part.contains(range.startContainer) && part.contains(range.endContainer));
      if (!text) return;
      const before = document.createRange();
      before.selectNodeContents(text);
      before.setEnd(range.startContainer, range.startOffset);
      // What is not added is forgotten again (spans.js).
      words.value = words.dataset.taken = chosen.toString().trim();
      document.getElementById("words-near").value = [...before.toString()].length;
      document.getElementById("words-picture").value = text.dataset.text;
    }
    for (const part of texts)
      for (const name of ["mouseup", "keyup"]) part.addEventListener(name, takeSelection, { signal });

    function openPart(id, focus) {
      const part = document.getElementById(id);
      if (!part) return;
      part.open = true;
      const field = document.getElementById(focus);
      field?.focus({ preventScroll: true });
      // The whole part, or its field where the part is higher than the window.
      show(part);
      show(field);
    }

    // The listings of a campaign's row, fetched below it; without scripts the link lists them on a page.
    async function toggleAlike(link) {
      const row = link.closest("tr");
      const parts = [...document.querySelectorAll(`tr[data-part-of="${CSS.escape(link.search)}"]`)];
      if (parts.length) {
        const hidden = (link.ariaExpanded = `${link.ariaExpanded !== "true"}`) === "false";
        for (const part of parts) {
          // What cannot be seen is not decided.
          if (hidden) part.querySelector("td.pick input:checked")?.click();
          part.hidden = hidden;
        }
        if (hidden && parts.includes(here)) select(row);
        return;
      }
      if (link.ariaBusy === "true") return;
      link.ariaBusy = "true";
      try {
        const answer = await fetch(link.href);
        if (!answer.ok || answer.redirected) return location.assign(link.href);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const found = [...page.querySelectorAll("tr[data-row]")];
        for (const part of found) {
          part.dataset.partOf = link.search;
          part.classList.add("part");
        }
        const following = page.querySelector("[data-following]");
        row.after(...found);
        if (following) link.after(" ", Object.assign(document.createElement("a"), { href: link.href, textContent: "ดูทั้งกลุ่ม" }));
        link.ariaExpanded = "true";
      } catch {
        location.assign(link.href);
      } finally {
        link.ariaBusy = null;
      }
    }
    for (const link of document.querySelectorAll("a[data-alike]")) link.ariaExpanded ??= "false";
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-alike]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      toggleAlike(link);
    }, { signal });

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

    for (const part of document.querySelectorAll("details.drop")) {
      part.addEventListener("keydown", (event) => {
        if (event.code !== "Escape" || !part.open) return;
        part.open = false;
        part.querySelector("summary").focus();
      }, { signal });
    }

    const keys = {
      KeyJ: () => step(1),
      KeyK: () => step(-1),
      KeyC: () => choose("yes"),
      KeyR: () => choose("no"),
      KeyU: () => choose("none"),
      KeyN: () => openPart("note-part", "note"),
      KeyM: () => openPart("more", "product-class"),
      KeyZ: () => document.querySelector("button[data-undo]")?.click(),
      KeyS: () => document.querySelector("[data-next]")?.click(),
      KeyQ: () => follow("[data-back]"),
      KeyF: () => openPart("filters", "filter-class"),
      KeyV: toggleViews,
      KeyX: pick,
      KeyO: () => here?.querySelector("[data-alike]")?.click(),
      KeyT: () => document.querySelector("button[data-take]")?.click(),
      KeyB: nextBox,
      KeyL: () => document.querySelector("[data-blur]")?.click(),
      Equal: () => zoomHere(1),
      Minus: () => zoomHere(-1),
      Comma: () => follow("[data-previous]"),
      Period: () => follow("[data-following]"),
      Slash: () => document.getElementById("search")?.focus(),
    };

    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      const dialog = document.querySelector("dialog[open]");
      if (dialog && dialog !== help) return;
      const typing = event.target.closest("textarea, select, input:not([type=radio], [type=checkbox])");
      if (typing) {
        if (event.code === "Escape") typing.blur();
        return;
      }
      if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) {
        event.preventDefault();
        toggleHelp();
        return;
      }
      if (event.shiftKey && event.code === "KeyC" && !help?.open) {
        event.preventDefault();
        confirmRest();
        return;
      }
      if (help?.open || event.shiftKey || event.repeat && !["KeyJ", "KeyK"].includes(event.code)) return;
      const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
      const button = digit && document.querySelector(`form:not([hidden]) button[data-key="${digit}"]`);
      const action = button ? () => button.click() : keys[event.code];
      if (!action) return;
      event.preventDefault();
      action();
    }, { signal });

    // One press, one decision; a page restored by the Back button may send again.
    const form = document.querySelector("form.decide");
    let sent = false;
    for (const each of document.querySelectorAll("form.decide, form#bulk")) {
      each.addEventListener("submit", (event) => {
        // Enter in a field or on a checkbox presses a hidden button.
        if (sent || event.submitter?.hidden !== false) event.preventDefault();
        else sent = true;
      }, { signal });
    }
    addEventListener("pageshow", () => { sent = false; }, { signal });
    form?.addEventListener("unsent", () => { sent = false; }, { signal });

    // Rows that are decided together; without scripts the form is always there.
    const bulk = document.querySelector("form.bulk");
    if (bulk) {
      const all = document.querySelector("[data-pick-all]");
      // Rows of a campaign that was opened are in its own row already.
      const picks = () => [...document.querySelectorAll("tr:not(.part) > td.pick input")];
      const count = () => {
        const chosen = [...document.querySelectorAll("td.pick input:checked")];
        bulk.hidden = !chosen.length;
        bulk.querySelector("[data-picked]").textContent = chosen.reduce((sum, pick) => sum + Number(pick.dataset.listings), 0);
        all.checked = picks().every((pick) => pick.checked);
      };
      all.hidden = false;
      all.addEventListener("change", () => {
        for (const pick of picks()) pick.checked = all.checked;
        count();
      }, { signal });
      document.addEventListener("change", ({ target }) => { if (target.matches("td.pick input")) count(); }, { signal });
      // A page restored by the Back button keeps what was chosen.
      addEventListener("pageshow", count, { signal });
      count();
      // The row that is gone back to needs no room for a bar that is not there.
      measure();
    }

    // The server redraws the panel of offences after each choice; without scripts a button does.
    const refresh = document.querySelector("[data-refresh]");
    const offerRefresh = (offered) => {
      refresh.hidden = !offered;
      const told = document.getElementById("undrawn");
      if (!offered) told?.remove();
      else if (!told) {
        const words = "ปรับปรุงฐานความผิดไม่ได้ในขณะนี้ สิ่งที่เลือกและพิมพ์ไว้ยังอยู่ กดปุ่มนี้เพื่อลองอีกครั้งหรือเข้าสู่ระบบใหม่";
        const problem = { id: "undrawn", className: "problem", role: "alert", textContent: words };
        refresh.before(Object.assign(document.createElement("p"), problem));
      }
    };
    if (refresh) offerRefresh(false);
    let asked = 0;
    form?.addEventListener("change", async (event) => {
      const panel = document.getElementById("offences");
      if (!panel || !event.target.matches("[name^=claim-], [name^=finding-], [name=product-class], [name=fact], [name=added], [name=tick]")) return;
      const number = ++asked;
      try {
        const body = new URLSearchParams(new FormData(form));
        const answer = await fetch(`${form.getAttribute("action")}/offences`, { method: "POST", body });
        const drawn = document.createElement("template");
        drawn.innerHTML = await answer.text();
        if (number !== asked) return;
        // Logged out: the answer is another page.
        const fits = answer.ok && !answer.redirected && drawn.content.firstElementChild?.id === "offences";
        const focused = panel.contains(document.activeElement) ? document.activeElement : null;
        steadily(() => {
          offerRefresh(!fits);
          if (fits) panel.replaceWith(drawn.content);
        });
        if (focused) document.querySelector(`#offences [name="${focused.name}"][value="${focused.value}"]`)?.focus();
      } catch {
        // Offline: the decision is checked by the server in any case.
        if (number === asked) steadily(() => { offerRefresh(true); });
      }
    }, { signal });

    // The first mark takes a case; working on it renews the assignment, at most once per interval.
    const lease = document.querySelector("form[data-lease]");
    if (lease) {
      let held = lease.dataset.held !== undefined;
      let renewed = Date.now();
      const tell = async (action) => {
        renewed = Date.now();
        const body = new URLSearchParams(new FormData(lease));
        body.set("action", action);
        try {
          // Not lease.action: a button of that name hides it.
          const answer = await fetch(lease.getAttribute("action"), { method: "POST", body });
          const told = answer.ok ? await answer.json() : {};
          // Another case is on the screen by now.
          if (signal.aborted) return;
          const lost = document.getElementById("lost");
          steadily(() => {
            lost.hidden = told.state !== "other";
            lost.querySelector("span").textContent = told.name ?? "";
          });
          if (!told.state) return;
          steadily(() => {
            document.getElementById("holding").textContent = told.state === "mine" ? told.words : "";
            lease.querySelector("[data-release]").hidden = told.state !== "mine";
          });
        } catch {
          // Offline: the next press tries again, and a decision is checked in any case.
        }
      };
      const begin = () => {
        if (held) return;
        held = true;
        lease.dataset.held = "";
        tell("begin");
      };
      for (const name of ["change", "input"]) form?.addEventListener(name, begin, { signal });
      const renew = () => {
        if (held && Date.now() - renewed >= Number(lease.dataset.lease) * 1000) tell("renew");
      };
      for (const name of ["keydown", "pointerdown", "input"]) addEventListener(name, renew, { passive: true, signal });
    }

    // The back link returns to the page of the list that was left and, once, scrolls to the opened row.
    const back = document.querySelector("[data-back]");
    const list = back?.pathname ?? location.pathname;
    const left = JSON.parse(sessionStorage.getItem(list) ?? "{}");
    const place = (text) => {
      const values = [...new URLSearchParams(text)];
      const kept = values.filter(([name, value]) => name !== "view" && value && value !== "all");
      return `${new URLSearchParams(kept.sort())}`;
    };
    // A page that leads to the next one under its own filter returns to the list under this filter too.
    const leads = back?.dataset.back === "own";
    if (back && left.query !== undefined && (!leads || place(left.query) === place(back.search))) back.search = left.query;
    if (!back && document.querySelector("tr[data-row] a.title")) {
      const kept = new URLSearchParams(location.search);
      for (const name of ["saved", "finished", "decided", "left", "undone", "kept"]) kept.delete(name);
      const query = `${kept}`;
      const leave = (more) => sessionStorage.setItem(list, JSON.stringify({ query, ...more }));
      const titles = () => [...document.querySelectorAll("tr[data-row] a.title")];
      // Rows that are decided go away: return to the next one that stays, else to the one before.
      const leaveAt = (at, stays = () => true) => {
        const found = titles();
        const rows = [...found.slice(at), ...found.slice(0, at).reverse()].filter(stays);
        leave({ rows: rows.map((link) => link.pathname), top: scrollY });
      };
      document.addEventListener("click", ({ target }) => {
        const at = titles().indexOf(target.closest("tr[data-row] a.title"));
        if (at >= 0) leaveAt(at);
      }, { signal });
      bulk?.addEventListener("submit", () => {
        const stays = (link) => !link.closest("tr").querySelector("td.pick input").checked;
        leaveAt(titles().findIndex((link) => !stays(link)), stays);
      }, { signal });
      const same = left.query !== undefined && place(left.query) === place(query);
      const shown = new Map(titles().map((link) => [link.pathname, link]));
      const opened = same && shown.get(left.rows?.find((path) => shown.has(path)));
      if (opened) {
        leave();
        scrollTo({ top: left.top, behavior: "instant" });
        select(opened.closest("tr"));
      }
    }

    // A link to a law or claim opens and selects what it points to.
    function open() {
      const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target) return;
      if (target.matches("details")) target.open = true;
      if (target.matches("[data-row], [data-claim]")) select(target);
    }
    addEventListener("hashchange", open, { signal });
    document.querySelector("[data-stayed]")?.scrollIntoView({ block: "center", behavior: "instant" });
    open();

    for (const button of document.querySelectorAll("[data-fill]")) {
      button.addEventListener("click", () => {
        const target = document.getElementById(button.dataset.fill);
        target.value = button.dataset.text;
        target.focus();
      }, { signal });
    }

    for (const button of document.querySelectorAll("[data-help]")) {
      button.hidden = false;
      button.addEventListener("click", toggleHelp, { signal });
    }
  }
})();
