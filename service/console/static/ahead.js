// The next case is fetched while this one is read, and drawn in its place as soon as a decision is pressed.
// The decision is sent meanwhile; whatever else is pressed then waits for the answer, so that one decision
// follows another.  A case whose decision was not saved comes back as it was left, and says why.
// While a case has marks or a note that were not sent, a message, a hold and the seller's panel redraw only their
// own part of the page, and the browser asks before the page is left.
// Without this script, or when another case turns out to be next, the browser loads the page as usual.
"use strict";

(() => {
  // An older page may lack what others have done since; then the browser loads it again.
  const FRESH = 5 * 60 * 1000;
  // Browsers refuse to finish longer requests after the page was left.
  const KEPT = 60_000;
  // Nobody has read a case this soon (milliseconds): such a press was meant for the case before it.
  const UNREAD = 400;

  // A page that was drawn because something was not saved holds it, as does one that stays for more of it, if
  // anything was marked before.
  const holdsMarks = () =>
    Boolean(document.querySelector("form.decide")) &&
    (Boolean(document.querySelector("#main > div.problem[role=alert]")) ||
      (Boolean(document.querySelector("[data-stayed]")) && sessionStorage.getItem("marked") === location.pathname));
  let page = { path: location.pathname, url: location.href, at: Date.now(), marked: holdsMarks() };
  let shown = page.path;
  // When the case on the screen was drawn in place of another.
  let drawn = -Infinity;
  // The page that is next, and one with marks that made room for a case that came back.
  let ahead = null;
  let aside = null;
  // The form that is being sent, and what waits for its answer.
  let sending = null;
  let waiting = null;

  onEachPage((signal) => {
    const form = document.querySelector("form.decide");
    ahead = null;
    if (!form) return;
    if (form.dataset.ahead) prepare(form);
    form.addEventListener("submit", send, { signal });
    document.querySelector("[data-next]")?.form.addEventListener("submit", send, { signal });
    for (const name of ["change", "input"]) form.addEventListener(name, () => { page.marked = true; }, { signal });
  });

  function prepare(form) {
    if (aside?.path === pathOf(form.dataset.ahead)) ahead = aside;
    // After the first keys, which must not wait for it.
    else setTimeout(fetchNext, 300, form);
  }

  async function fetchNext(form) {
    if (!form.isConnected) return;
    try {
      const answer = await fetch(form.dataset.ahead, { headers: { "X-Ahead": "1" } });
      if (answer.status !== 200 || answer.redirected) return;
      const next = parsed(await answer.text(), answer.url);
      if (form.isConnected) ahead = next;
    } catch {
      // Offline: the decision says so.
    }
  }

  // A decision, or the wish to skip the case.
  async function send(event) {
    const form = event.currentTarget;
    const button = event.submitter;
    if (event.defaultPrevented) return;
    if (!button?.matches("[name=decision], [data-next]")) {
      // The browser sends the form, and the next page has what it holds.
      sessionStorage.setItem("marked", page.marked ? page.path : "");
      page.marked = false;
      return;
    }
    event.preventDefault();
    // The next case takes the place of a question to a colleague that is being written.
    if (!mayBeLost(document.querySelector("form.decide").dataset.asks)) {
      form.dispatchEvent(new Event("unsent"));
      return;
    }
    const body = new URLSearchParams(new FormData(form, button));
    const path = form.getAttribute("action");
    let former = null;
    if (isReady() && isPlain(form, button)) {
      const skipped = button.matches("[data-next]");
      former = { ...page, body: document.body, title: document.title, top: scrollY, form, skipped };
      draw(ahead, notice(button));
    }
    sending = form;
    const answer = await post(path, body);
    // The session has ended: the server keeps the marks of the case on the screen too, until after the login.
    const other = former && page.marked && document.querySelector("form.decide");
    if (answer.elsewhere && other) await post(other.getAttribute("action"), new URLSearchParams(new FormData(other)));
    sending = null;
    let stays = false;
    try {
      if (answer.elsewhere) leave(answer.elsewhere);
      else if (answer.next) stays = follow(answer, former);
      else comeBack(answer, former, form);
    } finally {
      resume(stays);
    }
  }

  function isReady(path = ahead?.path) {
    return Boolean(ahead) && ahead.path === path && (ahead.marked || Date.now() - ahead.at <= FRESH);
  }

  // Whether the server will save this without a question; what it refuses all the same comes back.
  function isPlain(form, button) {
    if (button.matches("[data-next]")) return true;
    const confirmed = form.querySelectorAll("[value=confirm]:checked, [name=added]:checked").length;
    return form.dataset.decided === undefined && (button.dataset.rests === undefined ? confirmed < 2 : confirmed > 0);
  }

  function notice(button) {
    if (!button.matches("[name=decision]")) return "";
    const told = document.getElementById("sending").content.cloneNode(true).firstElementChild;
    told.querySelector("[data-decision]").textContent = button.lastChild.data.trim();
    return told.outerHTML;
  }

  async function post(path, body) {
    const headers = { Accept: "application/json" };
    try {
      const answer = await fetch(path, { method: "POST", body, headers, keepalive: `${body}`.length < KEPT });
      if (answer.redirected) return { elsewhere: answer.url };
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) return await answer.json();
      const refused = parsed(await answer.text(), answer.url);
      if (refused.body.querySelector("form.decide")) return { page: refused };
      // An error page in place of the case would take with it what was chosen and typed.
      return { status: answer.status, reason: refused.body.querySelector("main p")?.textContent };
    } catch {
      return {};
    }
  }

  // Returns whether the page stays: an answer to what waits would be lost with a page that is left.
  function follow({ next, notice }, former) {
    const path = pathOf(next);
    if (former ? path !== page.path && !page.marked && !waiting : !isReady(path)) {
      leave(next);
      return false;
    }
    if (!former) draw(ahead, notice);
    else if (notice) document.querySelector("[data-sending]").outerHTML = notice;
    history.pushState(null, "", path === page.path ? next : page.url);
    shown = page.path;
    return true;
  }

  function comeBack(answer, former, form) {
    if (!former) return answer.page ? draw({ ...answer.page, marked: true }) : unsent(form, answer);
    document.querySelector("[data-sending]")?.remove();
    aside = { ...page, body: document.body, title: document.title, top: scrollY };
    draw(answer.page ? { ...answer.page, marked: true } : former);
    if (!answer.page) unsent(former.form, answer);
    // Keys that were meant for the case on the screen until now must not decide this one.
    const told = document.getElementById("returned");
    told.querySelector("[data-unsaved]").hidden = former.skipped;
    told.querySelector("[data-unskipped]").hidden = !former.skipped;
    told.querySelector("[data-reason]").textContent =
      document.querySelector("main .problem[role=alert] p, #unsent:not([hidden])")?.textContent ?? "";
    told.addEventListener("keydown", (event) => event.stopPropagation());
    told.showModal();
    // Not its button, which a space would press.
    told.focus();
    // It stays until it is closed, so that the next press is meant for this case.
    drawn = -Infinity;
  }

  // To a page that follows from what was sent.
  function leave(address) {
    page.marked = false;
    location.assign(address);
  }

  function unsent(form, { status, reason }) {
    const told = document.getElementById("unsent");
    told.dataset.words ??= told.textContent;
    // A proxy in front of the service answers without our words.
    told.textContent = reason ?? (status ? told.dataset.refused.replace("{}", status) : told.dataset.words);
    told.hidden = false;
    form.dispatchEvent(new Event("unsent"));
  }

  function parsed(text, url) {
    const { body, title } = new DOMParser().parseFromString(text, "text/html");
    return { body, title, url, path: pathOf(url), at: Date.now(), marked: false, top: 0 };
  }

  function pathOf(url) {
    return new URL(url, location).pathname;
  }

  function draw(next, notice = "") {
    page = next;
    if (aside === next) aside = null;
    // Until the decision is saved the address stays that of its case, without the claim that was selected there.
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    const main = next.body.querySelector("#main");
    main.insertAdjacentHTML("afterbegin", notice);
    document.title = next.title;
    document.body.replaceWith(next.body);
    scrollTo({ top: next.top, behavior: "instant" });
    document.dispatchEvent(new Event("drawn"));
    main.focus({ preventScroll: true });
    drawn = performance.now();
  }

  // Sends a form or follows a link that changes only parts of this page, and redraws these: the marks stay.
  async function redraw(from, button) {
    if (from.ariaBusy === "true") return;
    from.ariaBusy = "true";
    const decision = document.querySelector("form.decide");
    // JSON is asked for so that what was kept at an earlier login waits for a page that is shown whole.
    const request = { headers: { Accept: "application/json" } };
    if (button) Object.assign(request, { method: "POST", body: new URLSearchParams(new FormData(from, button)) });
    try {
      const answer = await fetch(button ? from.getAttribute("action") : from.href, request);
      const { body, path } = parsed(await answer.text(), answer.url);
      if (!from.isConnected) return;
      const parts = from.dataset.parts.split(" ").map((id) => [document.getElementById(id), body.querySelector(`#${id}`)]);
      if (parts.some(([, part]) => !part)) {
        // The session has ended, or is another since a login in another tab: what was sent is kept.
        if (path === "/login" || answer.status === 204) logInAgain(answer.url);
        else unsent(decision, { status: answer.status, reason: body.querySelector("main p")?.textContent });
        return;
      }
      document.getElementById("unsent").hidden = true;
      for (const [former, part] of parts) former.replaceWith(part);
      const [[, first]] = parts;
      if (!answer.ok) first.querySelector("h2").after(body.querySelector("#main > .problem[role=alert]"));
      first.focus({ preventScroll: true });
      first.scrollIntoView({ block: "nearest", behavior: "instant" });
    } catch {
      if (from.isConnected) unsent(decision, {});
    } finally {
      from.ariaBusy = null;
    }
  }
  for (const name of ["click", "submit"])
    document.addEventListener(name, (event) => {
      const from = name === "submit" ? event.target : event.target.closest("a");
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (!from?.dataset.parts || !page.marked) return;
      event.preventDefault();
      redraw(from, event.submitter);
    });

  // The second press of a double one must not decide the case that was drawn in between.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("form.decide [name=decision]")) return;
    if (event.detail < 2 && performance.now() - drawn >= UNREAD) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });

  // While a decision is being sent, the first that would leave the page or send another form waits.
  for (const name of ["click", "submit"])
    document.addEventListener(name, (event) => {
      if (!sending || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const form = name === "submit" && event.target.getAttribute("method") !== "dialog" ? event.target : null;
      const link = name === "click" ? event.target.closest("a[href]:not([href^='#'], [target])") : null;
      if (!form && !link) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const pressed = event.submitter;
      // Enter in a field presses a button that decides nothing.
      if (waiting || form === sending || form?.matches("form.decide") && !pressed?.value) return;
      pressed?.setAttribute("aria-busy", "true");
      waiting = { element: form ?? link, pressed, act: () => (form ? form.requestSubmit(pressed) : link.click()) };
    }, { capture: true });

  function resume(saved) {
    const held = waiting;
    waiting = null;
    held?.pressed?.removeAttribute("aria-busy");
    if (saved && held?.element.isConnected) held.act();
  }

  addEventListener("beforeunload", (event) => { if (sending || page.marked) event.preventDefault(); });

  addEventListener("popstate", () => {
    if (location.pathname !== shown) location.reload();
  });
})();
