// The next case is fetched while this one is read, and drawn in place of it once the decision is saved.
// Without this script, or when another case turns out to be next, the browser loads the page as usual.
"use strict";

(() => {
  let shown = location.pathname;
  let ahead = null;
  // An older page may lack what others have done since; then the browser loads it anew.
  const FRESH = 5 * 60 * 1000;

  onEachPage(start);

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
      if (form.isConnected) ahead = { path: new URL(answer.url).pathname, text, at: Date.now() };
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
      if (answer.redirected) return location.assign(answer.url);
      if (answer.headers.get("Content-Type").startsWith("application/json")) return follow(await answer.json());
      const page = parsed(await answer.text());
      if (page.querySelector("form.decide")) return draw(page);
      // An error page in place of the case would take with it what was chosen and typed.
      unsent(form, page.querySelector("main p")?.textContent);
    } catch {
      unsent(form);
    }
  }

  function unsent(form, reason) {
    const told = document.getElementById("unsent");
    told.dataset.words ??= told.textContent;
    told.textContent = reason ?? told.dataset.words;
    told.hidden = false;
    form.dispatchEvent(new Event("unsent"));
  }

  function follow({ next, notice }) {
    const path = new URL(next, location).pathname;
    if (path !== ahead?.path || Date.now() - ahead.at > FRESH) return location.assign(next);
    const page = parsed(ahead.text);
    history.pushState(null, "", next);
    shown = path;
    draw(page, notice);
  }

  function parsed(text) {
    return new DOMParser().parseFromString(text, "text/html");
  }

  function draw(page, notice = "") {
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
