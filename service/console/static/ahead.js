// The next case is fetched while this one is read, and drawn in place of it once the decision is saved.
// Without this script, or when another case turns out to be next, the browser loads the page as usual.
"use strict";

(() => {
  let shown = location.pathname;
  let ahead = null;

  document.addEventListener("drawn", start);
  start();

  function start() {
    ahead = null;
    const form = document.querySelector("form.decide");
    if (!form) return;
    // After the first keys, which must not wait for it.
    if (form.dataset.ahead) setTimeout(fetchNext, 300, form);
    form.addEventListener("submit", send);
    document.querySelector("[data-next]")?.form.addEventListener("submit", send);
  }

  async function fetchNext(form) {
    try {
      const answer = await fetch(form.dataset.ahead, { headers: { "X-Ahead": "1" } });
      if (!answer.ok || answer.redirected) return;
      const text = await answer.text();
      if (form.isConnected) ahead = { path: new URL(answer.url).pathname, text };
    } catch {
      // Offline: the decision says so.
    }
  }

  // A decision, or the wish to skip the case.
  async function send(event) {
    const form = event.currentTarget;
    if (event.defaultPrevented || !event.submitter?.matches("[name=decision], [data-next]")) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const headers = { Accept: "application/json" };
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers });
      if (answer.redirected) location.assign(answer.url);
      else if (!answer.headers.get("Content-Type").startsWith("application/json")) draw(await answer.text());
      else follow(await answer.json());
    } catch {
      document.getElementById("unsent").hidden = false;
      form.dispatchEvent(new Event("unsent"));
    }
  }

  function follow({ next, notice }) {
    const path = new URL(next, location).pathname;
    if (path !== ahead?.path) return location.assign(next);
    const { text } = ahead;
    history.pushState(null, "", next);
    shown = path;
    draw(text, notice);
  }

  function draw(text, notice = "") {
    const page = new DOMParser().parseFromString(text, "text/html");
    const main = page.getElementById("main");
    main.insertAdjacentHTML("afterbegin", notice);
    document.title = page.title;
    document.body.replaceWith(page.body);
    scrollTo({ top: 0, behavior: "instant" });
    document.dispatchEvent(new Event("drawn"));
    main.focus({ preventScroll: true });
  }

  addEventListener("popstate", () => {
    if (location.pathname !== shown) location.reload();
  });
})();
