// The browser asks before a page is left on which a text was typed that was not sent.
// A text that the server has put back after a refusal is such a one too (data-unsaved).
"use strict";

// Asks whether such texts may be lost, where the page is changed and not left; true if there are none.
const mayBeLost = (() => {
  // A form that is being sent takes its own texts with it.
  let sending = null;

  // The form of a case is not among them: it is sent, and asks, in its own way (ahead.js).
  const isUnsaved = (field) =>
    field.form?.getAttribute("method") === "post" && field.form !== sending &&
    !field.form.contains(document.getElementById("unsent")) && !field.readOnly &&
    (field.value !== field.defaultValue || field.dataset.unsaved !== undefined);

  // Last of all listeners: one of them may keep the form from being sent.
  addEventListener("submit", (event) => { sending = event.defaultPrevented ? null : event.target; });
  // It stays on a page whose answer is a file.
  for (const name of ["input", "pageshow"]) addEventListener(name, () => { sending = null; });

  const unsaved = () => [...document.querySelectorAll("textarea")].filter(isUnsaved);

  addEventListener("beforeunload", (event) => { if (unsaved().length) event.preventDefault(); });

  return (question) => {
    const texts = unsaved();
    if (texts.length && !confirm(question)) return false;
    for (const text of texts) {
      // Asked once.
      text.defaultValue = text.value;
      delete text.dataset.unsaved;
    }
    return true;
  };
})();
