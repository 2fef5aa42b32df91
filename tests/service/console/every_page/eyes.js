// What a person sees of a page, measured: each function gives the list of what is wrong.
"use strict";

window.eyes = (() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  const colours = new Map();

  function parse(text) {
    if (!colours.has(text)) {
      const plain = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(text);
      if (plain) colours.set(text, [plain[1], plain[2], plain[3], plain[4] ?? 1].map(Number));
      else {
        // Other notations: the canvas knows them all.
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        colours.set(text, [r, g, b, a / 255]);
      }
    }
    return colours.get(text);
  }

  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);

  function light([r, g, b]) {
    const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  }

  function contrast(one, two) {
    const [bright, dark] = [light(one), light(two)].sort((a, b) => b - a);
    return (bright + 0.05) / (dark + 0.05);
  }

  // The colour behind an element's own text, and its opacity; both follow from its parent's.
  let known = new Map();

  function behind(element) {
    if (!element) return { colour: [255, 255, 255, 1], opacity: 1 };
    if (!known.has(element)) {
      const [style, parent] = [getComputedStyle(element), behind(element.parentElement)];
      const colour = over(parse(style.backgroundColor), parent.colour);
      known.set(element, { colour, opacity: Number(style.opacity) * parent.opacity });
    }
    return known.get(element);
  }

  const CLEAR = [0, 0, 0, 0];
  const STUCK = ".top, .verdict-bar";

  const short = (element) =>
    `<${element.localName}${element.id ? "#" + element.id : ""}${[...element.classList].map((c) => "." + c).join("")}>`;

  // A layer is that of a pseudo-element, on top of the element's own colour.
  function readable(element, style, layer, words, found) {
    const { colour, opacity } = behind(element);
    const below = over(layer, colour);
    const ink = [...parse(element.namespaceURI.endsWith("svg") ? style.fill : style.color)];
    ink[3] *= opacity;
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ratio = contrast(over(ink, below), below);
    if (ratio < least) found.add(`contrast ${ratio.toFixed(2)} of ${short(element)} "${words.trim().slice(0, 40)}"`);
  }

  function seen(element) {
    // Opacity is judged by its contrast; only what is cut away, or put off the page, is not seen.
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    if (box.right <= 0 || box.bottom + scrollY <= 0) return false;
    return !element.closest(".unseen");
  }

  function faint() {
    known = new Map();
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const done = new Set();
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (done.has(element) || !walker.currentNode.data.trim()) continue;
      done.add(element);
      if (/^(script|style|title|option|optgroup|textarea)$/.test(element.localName) || !seen(element)) continue;
      readable(element, getComputedStyle(element), CLEAR, walker.currentNode.data, found);
    }
    for (const field of document.querySelectorAll("input, select, textarea")) {
      if (/^(hidden|radio|checkbox)$/.test(field.type) || !seen(field)) continue;
      readable(field, getComputedStyle(field), CLEAR, field.value || field.name, found);
      if (field.placeholder) {
        // What the browser itself sets for placeholders differs: the look must set it.
        const style = getComputedStyle(field, "::placeholder");
        const shown = { color: style.color, fontSize: style.fontSize, fontWeight: style.fontWeight };
        if (Number(style.opacity) < 1) found.add(`see-through placeholder of ${short(field)}`);
        readable(field, shown, CLEAR, field.placeholder, found);
      }
    }
    for (const element of document.querySelectorAll(".mark, .choice span, .holder, [data-head]")) {
      if (!seen(element)) continue;
      for (const part of ["::before", "::after"]) {
        const style = getComputedStyle(element, part);
        if (style.content === "none" || style.content === "normal") continue;
        readable(element, style, parse(style.backgroundColor), part + style.content, found);
      }
    }
    return [...found];
  }

  function wide() {
    const { scrollWidth, clientWidth } = document.documentElement;
    // On a phone a list's rows are cards, of which nothing is beyond the edge of their frame.
    const lists = matchMedia("(max-width: 40rem)").matches ? [...document.querySelectorAll(".scroll:has(.cards)")] : [];
    const beyond = lists.filter((frame) => frame.scrollWidth > frame.clientWidth).map((frame) => `${short(frame)} scrolls sideways`);
    if (scrollWidth <= clientWidth) return beyond;
    const guilty = [...document.body.querySelectorAll("*")].filter((element) => {
      if (element.getBoundingClientRect().right <= clientWidth + 0.5 || !seen(element)) return false;
      // What scrolls in a box of its own is not to blame.
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
        if (getComputedStyle(at).overflowX !== "visible") return false;
      return true;
    });
    return [...beyond, `${scrollWidth} pixels wide in a window of ${clientWidth}: ${guilty.slice(0, 6).map(short).join(" ")}`];
  }

  // On a phone the headings of a list's columns are hidden: a cell that begins with bare words says its own.  The
  // queue sets its rows itself.
  function headed() {
    if (!matchMedia("(max-width: 40rem)").matches) return [];
    return [...document.querySelectorAll("body:not(.queue) .cards tbody td")].flatMap((cell) => {
      const heading = cell.closest("table").querySelectorAll("thead th")[cell.cellIndex].textContent;
      if (cell.dataset.head) return cell.dataset.head === heading ? [] : [`"${cell.dataset.head}" in the column "${heading}"`];
      const bare = cell.firstChild?.nodeType === Node.TEXT_NODE && cell.firstChild.data.trim();
      return bare && !cell.matches(".what, .when, .shop, .risk") ? [`no heading "${heading}" on ${short(cell)}`] : [];
    });
  }

  // Whether a point of an element is on top, and in the window.
  function open(element, x, y) {
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return "outside the window";
    const top = document.elementFromPoint(x, y);
    if (!top || element.contains(top) || [...(element.labels ?? [])].some((label) => label.contains(top))) return "";
    return `covered by ${short(top)}`;
  }

  function covered(element = document.activeElement) {
    if (!element || element === document.body || element.matches("main, form, iframe")) return [];
    // A link over two lines has its middle in its first line's box.
    const [box] = element.getClientRects();
    if (!box) return [`${short(element)} has the focus and no place`];
    // Of what is higher than a third of the window, as a long text field, a part in sight will do: its middle.
    const tall = box.height > innerHeight / 3;
    const [from, to] = tall ? [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)] : [box.top, box.bottom];
    const why = open(element, box.left + box.width / 2, from + (to - from) / 2);
    return why ? [`${short(element)} "${(element.textContent || element.name || "").trim().slice(0, 30)}" ${why}`] : [];
  }

  // A part that was opened: its first and its last line, where it can stand whole between the bars.
  function whole(id) {
    const part = document.getElementById(id);
    const box = part.getBoundingClientRect();
    const [head, bar] = [document.querySelector(".top"), document.querySelector(".verdict-bar")];
    const stuck = (one) => (one && getComputedStyle(one).position === "sticky" ? one.offsetHeight : 0);
    if (box.height > innerHeight - stuck(head) - stuck(bar)) return [];
    const x = box.left + 3;
    return [box.top + 3, box.bottom - 3].flatMap((y) => {
      const why = open(part, x, y);
      return why ? [`${short(part)} at ${Math.round(y)} ${why}`] : [];
    });
  }

  // The outline of what has the focus, against what lies beneath the outline.
  function outline(element = document.activeElement) {
    if (!element || element === document.body || element.matches("main, form")) return [];
    const shown = element.matches(".choice input") ? element.nextElementSibling : element;
    known = new Map();
    const style = getComputedStyle(shown);
    const width = parseFloat(style.outlineWidth);
    if (style.outlineStyle === "none" || width < 2) return [`${short(element)} has no outline`];
    const box = shown.getBoundingClientRect();
    const away = parseFloat(style.outlineOffset) + width / 2;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const found = new Set();
    for (const [px, py] of [[x, box.top - away], [x, box.bottom + away], [box.left - away, y], [box.right + away, y]]) {
      const below = document.elementFromPoint(px, py);
      // A bar over it is the business of covered().
      if (!below || (below.closest(STUCK) && below.closest(STUCK) !== element.closest(STUCK))) continue;
      const ratio = contrast(parse(style.outlineColor), behind(below).colour);
      if (ratio < 3) found.add(`outline ${ratio.toFixed(2)} of ${short(element)} on ${short(below)}`);
    }
    return [...found];
  }

  // Every stop of the Tab key, in its order; focus() scrolls as the key does.
  function stops() {
    const found = new Set();
    const can = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']:not(iframe)";
    for (const element of document.querySelectorAll(can)) {
      if (element.tabIndex < 0 || element.disabled || !element.checkVisibility() || element.closest("dialog:not([open])")) continue;
      element.focus();
      if (document.activeElement !== element) continue;
      for (const fault of [...covered(), ...outline()]) found.add(fault);
    }
    return [...found];
  }

  // Targets under 24 pixels that are too near to others (WCAG 2.5.8); a link in a sentence may be small.
  function small() {
    const can = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    const bar = (element) => element.closest(".top, .verdict-bar, .bulk, dialog");
    const targets = [...document.querySelectorAll(can)].filter((element) => !element.disabled && seen(element) && !element.closest("dialog:not([open])")).map((element) => {
      // Its label is pressed as well.
      const box = (element.matches("[type=checkbox], [type=radio]") && element.closest("label") || element).getBoundingClientRect();
      return { element, box, middle: [box.left + box.width / 2, box.top + box.height / 2], small: Math.min(box.width, box.height) < 23.5 };
    });
    const found = new Set();
    for (const one of targets.filter((target) => target.small && !inSentence(target.element)))
      for (const other of targets) {
        if (other === one || bar(other.element) !== bar(one.element)) continue;
        const [x, y] = one.middle;
        const aside = Math.max(other.box.left - x, x - other.box.right, 0);
        const below = Math.max(other.box.top - y, y - other.box.bottom, 0);
        const near = Math.hypot(aside, below) < 12 || (other.small && Math.hypot(other.middle[0] - x, other.middle[1] - y) < 24);
        if (near) found.add(`target of ${Math.round(one.box.width)} by ${Math.round(one.box.height)} pixels, ${short(one.element)}, near ${short(other.element)}`);
      }
    return [...found];
  }

  function inSentence(element) {
    const words = [...element.parentElement.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && /[^\s·–]/.test(node.data));
    return getComputedStyle(element).display === "inline" && words.length > 0;
  }

  // Makes every element look as in a state: rules of the state, as ":hover", become rules without it.
  function pretend(...states) {
    const sheet = new CSSStyleSheet();
    const whole = [...document.styleSheets].flatMap((one) => [...one.cssRules]).map((rule) => rule.cssText).join("\n");
    // :not() of a class that nothing has weighs as much as the state that it replaces.
    sheet.replaceSync(states.reduce((text, state) => text.replaceAll(new RegExp(`${state}(?![\\w-])`, "g"), ":not(.no)"), whole));
    document.adoptedStyleSheets.push(sheet);
    const found = faint();
    document.adoptedStyleSheets.pop();
    return found;
  }

  return { pretend, faint, wide, headed, covered, whole, outline, stops, small };
})();
