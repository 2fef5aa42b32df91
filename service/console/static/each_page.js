// Runs a script for this page, and again for each page that is drawn in place of it (ahead.js).
// The signal given to it ends with the page, so that listeners on the window and the document end too.
"use strict";

function onEachPage(start) {
  let page = new AbortController();
  document.addEventListener("drawn", () => {
    page.abort();
    page = new AbortController();
    start(page.signal);
  });
  start(page.signal);
}

// The session has ended: what is chosen and typed in the form of a decision is sent, and the server keeps it
// until after the login.  A page without such a form opens the address, which leads to the login too.
function logInAgain(address) {
  const refresh = document.querySelector("form.decide [data-refresh]");
  if (!refresh) return location.assign(address);
  refresh.hidden = false;
  refresh.click();
}
