// Edits the borders and labels of claims in the text, by keyboard, mouse or touch.
// Offsets are in code points, as on the server, not in UTF-16 units.
"use strict";

(() => {
  onEachPage(start);

  function start(signal) {
    const text = document.getElementById("text");
    const list = document.getElementById("claims");
    const palette = document.getElementById("palette");
    if (!text) return;

    const length = (words) => [...words].length;
    const blocks = () => [...text.querySelectorAll(".block")];
    const startOf = (block) => Number(block.dataset.start);
    const endOf = (block) => startOf(block) + length(block.textContent);

    function placeOf(node, offset) {
      const block = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest?.(".block");
      if (!block || !text.contains(block)) return null;
      const before = document.createRange();
      before.selectNodeContents(block);
      before.setEnd(node, offset);
      return startOf(block) + length(before.toString());
    }

    function pointOf(block, place) {
      let left = place - startOf(block);
      const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const letters = [...walker.currentNode.data];
        if (left <= letters.length) return [walker.currentNode, letters.slice(0, left).join("").length];
        left -= letters.length;
      }
      return [block, block.childNodes.length];
    }

    const blockAt = (start, end) => blocks().find((block) => startOf(block) <= start && end <= endOf(block));

    function rangeOf(start, end) {
      const block = blockAt(start, end);
      if (!block) return null;
      const range = document.createRange();
      range.setStart(...pointOf(block, start));
      range.setEnd(...pointOf(block, end));
      return range;
    }

    // Thai has no spaces between words: the browser's dictionary segments it.
    const segmenter = new Intl.Segmenter("th", { granularity: "word" });
    const borders = new WeakMap();
    function bordersOf(block) {
      if (!borders.has(block)) {
        let at = startOf(block);
        const found = [at];
        for (const { segment } of segmenter.segment(block.textContent)) {
          at += length(segment);
          found.push(at);
        }
        borders.set(block, found);
      }
      return borders.get(block);
    }
    const beyond = (block, place) => bordersOf(block).find((border) => border > place) ?? endOf(block);
    const beneath = (block, place) => bordersOf(block).findLast((border) => border < place) ?? startOf(block);
    const nearest = (block, place) =>
      bordersOf(block).reduce((best, border) => (Math.abs(border - place) < Math.abs(best - place) ? border : best));

    // The current edit: its ranges, and the row that it replaces.
    let edit = null;
    const drawn = new Highlight();
    const added = new Highlight();
    CSS.highlights?.set("edited", drawn);
    CSS.highlights?.set("added", added);

    const handles = ["start", "end"].map((side) => {
      const handle = document.createElement("span");
      handle.className = `handle ${side}`;
      handle.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        handle.setPointerCapture(event.pointerId);
      });
      handle.addEventListener("pointermove", (event) => {
        if (handle.hasPointerCapture(event.pointerId)) drag(side, event);
      });
      return handle;
    });

    function drag(side, event) {
      const caret = document.caretPositionFromPoint
        ? document.caretPositionFromPoint(event.clientX, event.clientY)
        : document.caretRangeFromPoint(event.clientX, event.clientY);
      const place = caret && placeOf(caret.offsetNode ?? caret.startContainer, caret.offset ?? caret.startOffset);
      if (place === null || place === undefined) return;
      const border = nearest(edit.block, place);
      if (side === "start" && border < edit.end) edit.start = border;
      if (side === "end" && border > edit.start) edit.end = border;
      draw();
    }

    function draw() {
      const range = rangeOf(edit.start, edit.end);
      drawn.clear();
      drawn.add(range);
      palette.hidden = false;
      palette.querySelector("[data-words]").textContent = range.toString().slice(0, 200);
      const rects = range.getClientRects();
      if (!rects.length) return;
      const home = text.getBoundingClientRect();
      const put = (handle, x, rect) => {
        handle.style.left = `${x - home.left}px`;
        handle.style.top = `${rect.top - home.top + text.scrollTop}px`;
        handle.style.height = `${rect.height}px`;
        text.append(handle);
      };
      put(handles[0], rects[0].left, rects[0]);
      put(handles[1], rects[rects.length - 1].right, rects[rects.length - 1]);
    }

    // The border that moves stays in sight, above the palette at the foot of the window.
    function reveal(side) {
      const ends = side === "start" ? [1, 0] : [0, 1];
      for (const end of ends) handles[end].scrollIntoView({ block: "nearest", behavior: "instant" });
      const under = handles[ends[1]].getBoundingClientRect().bottom - palette.getBoundingClientRect().top;
      if (under > 0) scrollBy({ top: under + 8, behavior: "instant" });
    }

    function open(start, end, row = null) {
      const block = blockAt(start, end);
      if (!block || end <= start) return;
      edit = { start, end, block, row, from: [start, end] };
      draw();
      // When editing by keyboard, move the focus to the work; a selection by mouse or touch leaves it where it is.
      if (!selected()) palette.focus({ preventScroll: true });
      reveal("end");
    }

    // Words that were selected, but not added, must not be sent with the decision; typed or pasted ones stay.
    function forget() {
      const words = document.getElementById("words");
      if (!words || words.value !== words.dataset.taken) return;
      words.value = "";
      document.getElementById("words-near").value = 0;
      document.getElementById("words-picture").value = "";
    }

    function close() {
      forget();
      if (palette.contains(document.activeElement)) document.querySelector(".claim.here")?.focus({ preventScroll: true });
      edit = null;
      drawn.clear();
      for (const handle of handles) handle.remove();
      palette.hidden = true;
      getSelection().removeAllRanges();
    }

    function keep(label) {
      const [start, end] = [edit.start - edit.from[0], edit.end - edit.from[1]];
      const places = edit.row ? edit.row.dataset.spans.split(",").map((one) => one.split(":").map(Number)) : [edit.from];
      const unchanged = edit.row && !start && !end && label === edit.row.dataset.label;
      if (!unchanged) {
        for (const place of places) add(place[0] + start, place[1] + end, label);
        const no = edit.row?.querySelector(".choice .no input");
        if (no) no.checked = true;
      } else edit.row.querySelector(".choice .yes input").checked = true;
      close();
      list.hidden = false;
      list.querySelector("input").dispatchEvent(new Event("change", { bubbles: true }));
      list.closest("form").querySelector("[name=words]").value = "";
    }

    function add(start, end, label) {
      const value = `${start}:${end}:${label}`;
      if (end <= start || list.querySelector(`[name=added][value="${value}"]`)) return;
      const row = document.getElementById("added-row").content.firstElementChild.cloneNode(true);
      const button = palette.querySelector(`button[value="${label}"]`);
      const range = rangeOf(start, end);
      row.querySelector(".number").textContent = `+${list.querySelectorAll(".added").length + 1}`;
      row.querySelector(".number").classList.add(button.className);
      row.querySelector("bdi").textContent = range ? range.toString() : `${start}–${end}`;
      row.querySelector(".kind").textContent = button.lastChild.data.trim();
      row.querySelector("input").value = value;
      list.append(row);
      if (range) added.add(range);
      row.scrollIntoView({ block: "nearest", behavior: "instant" });
    }

    function selected() {
      const chosen = getSelection();
      if (!chosen.rangeCount || chosen.isCollapsed) return null;
      const range = chosen.getRangeAt(0);
      if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return null;
      const [start, end] = [placeOf(range.startContainer, range.startOffset), placeOf(range.endContainer, range.endOffset)];
      return start !== null && end !== null && start < end ? [start, end, range.toString()] : null;
    }

    // Also fill the field for words, which works where the row does not, such as for a text in parts.
    function take() {
      const chosen = selected();
      const words = document.getElementById("words");
      if (!chosen || !words) return;
      words.value = words.dataset.taken = chosen[2].trim();
      document.getElementById("words-near").value = chosen[0];
      document.getElementById("words-picture").value = "";
    }

    if (palette && list) {
      // A touch selection ends without a key or mouse event.
      let waiting = 0;
      document.addEventListener("selectionchange", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => {
          const chosen = selected();
          if (!chosen) return;
          take();
          open(chosen[0], chosen[1]);
        }, 250);
      }, { signal });

      palette.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button && edit) button.value ? keep(button.value) : close();
      }, { signal });

      // A case that comes back (ahead.js) shows what was added, and no edit that was under way.
      signal.addEventListener("abort", () => { if (edit) close(); });
      for (const { value } of list.querySelectorAll(".added:not([id]) [name=added]")) {
        const range = rangeOf(...value.split(":").slice(0, 2).map(Number));
        if (range) added.add(range);
      }

      const row = () => document.querySelector(".claim.here[data-spans]");
      const begin = {
        KeyA: () => {
          const chosen = selected();
          if (chosen) return open(chosen[0], chosen[1]);
          const place = row()?.dataset.spans.split(":")[0];
          const block = (place && blockAt(Number(place), Number(place))) || blocks()[0];
          if (!block) return;
          const start = place ? Number(place) : startOf(block);
          open(start, beyond(block, start));
        },
        KeyE: () => {
          const [start, end] = row()?.dataset.spans.split(",")[0].split(":").map(Number) ?? [];
          if (end) open(start, end, row());
        },
      };

      const line = (by) => {
        const words = [...edit.block.textContent];
        const at = edit.start - startOf(edit.block);
        const starts = [0, ...words.flatMap((char, index) => (char === "\n" ? [index + 1] : []))].filter((one) => one < words.length);
        const now = starts.findLastIndex((one) => one <= at);
        const next = starts[Math.max(0, Math.min(starts.length - 1, now + by))];
        edit.start = startOf(edit.block) + next;
        edit.end = beyond(edit.block, edit.start);
      };

      const move = {
        ArrowRight: (first) => {
          if (first) {
            edit.start = beyond(edit.block, edit.start);
            if (edit.start >= edit.end) edit.end = beyond(edit.block, edit.start);
            if (edit.start >= edit.end) edit.start = beneath(edit.block, edit.end);
          } else edit.end = beyond(edit.block, edit.end);
        },
        ArrowLeft: (first) => {
          if (first) edit.start = beneath(edit.block, edit.start);
          else if (beneath(edit.block, edit.end) > edit.start) edit.end = beneath(edit.block, edit.end);
        },
        ArrowDown: () => { if (!edit.row) line(1); },
        ArrowUp: () => { if (!edit.row) line(-1); },
      };

      document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
        if (event.target.closest("textarea, select, input:not([type=radio], [type=checkbox])") || document.querySelector("dialog[open]")) return;
        if (!edit) {
          if (event.code === "Escape") forget();
          if (!begin[event.code] || event.shiftKey) return;
          // Words selected in a picture's lines go to the field for words, which console.js opens.
          if (event.code === "KeyA" && getSelection().anchorNode?.parentElement?.closest("[data-text]")) return;
          begin[event.code]();
        } else {
          const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
          const label = digit && [...palette.querySelectorAll("button[value]")].filter((button) => button.value)[(Number(digit) + 9) % 10];
          if (move[event.code]) {
            move[event.code](event.shiftKey);
            draw();
            reveal(event.shiftKey ? "start" : "end");
          } else if (label) keep(label.value);
          else if (event.code === "Enter" && edit.row) keep(edit.row.dataset.label);
          else if (event.code === "Escape") close();
          else return;
        }
        event.preventDefault();
        event.stopImmediatePropagation();
      }, { capture: true, signal });
    }

    // Fetch a folded part and insert it in its place.
    text.addEventListener("click", async (event) => {
      const fold = event.target.closest("a[data-fold]");
      if (!fold || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const answer = await fetch(`${fold.getAttribute("href")}&fragment=1`);
      if (answer.redirected) return logInAgain(fold.href);
      if (!answer.ok) return location.assign(fold.href);
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      const first = holder.content.firstElementChild;
      fold.replaceWith(holder.content);
      first?.scrollIntoView({ block: "nearest", behavior: "instant" });
    }, { signal });
  }
})();
