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
