// The quick search: Ctrl-K opens it, arrows move through what was found.  Without it, /find does the same.
"use strict";

(() => {
  const PAUSE = 200;
  let dialog = null;
  let field = null;
  let list = null;
  let told = null;
  let timer = 0;
  let asked = 0;

  onEachPage(start);

  function start(signal) {
    dialog = document.getElementById("find");
    if (!dialog) return;
    field = dialog.querySelector("input[name=q]");
    list = dialog.querySelector("[data-found]");
    told = dialog.querySelector("[role=status]");
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, PAUSE);
    }, { signal });
    dialog.addEventListener("keydown", (event) => {
      // The page's own shortcuts are not for what is typed or chosen here.
      event.stopPropagation();
      if (event.key === "Escape" && !event.isComposing) {
        // In a field for searches the first press would empty the field, and the next key be typed into it.
        event.preventDefault();
        dialog.close();
        return;
      }
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!by || event.isComposing) return;
      event.preventDefault();
      move(by);
    }, { signal });
    for (const link of document.querySelectorAll("[data-find]")) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        open();
      }, { signal });
    }
  }

  function open() {
    if (!dialog.open) dialog.showModal();
    field.focus();
    field.select();
  }

  async function look() {
    const text = field.value.trim();
    const number = ++asked;
    if (!text) {
      list.replaceChildren();
      told.textContent = "";
      return;
    }
    try {
      const answer = await fetch(`/find?${new URLSearchParams({ q: text, part: "1" })}`);
      const body = await answer.text();
      if (number !== asked) return;
      // Logged out: the answer is another page, which the form opens.
      if (!answer.ok || answer.redirected) {
        told.textContent = "ค้นหาไม่ได้ในขณะนี้ กด Enter เพื่อเปิดหน้าค้นหา";
        return;
      }
      list.innerHTML = body;
      told.textContent = `พบ ${list.querySelectorAll("li").length} รายการ`;
    } catch {
      if (number === asked) told.textContent = "ค้นหาไม่ได้ในขณะนี้ กด Enter เพื่อเปิดหน้าค้นหา";
    }
  }

  function move(by) {
    const stops = [field, ...list.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    stops[Math.max(0, Math.min(stops.length - 1, at + by))].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (!dialog || event.code !== "KeyK" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  }, { capture: true });
})();
