"use strict";
// Without this script everything can be read, opened and jumped to; it adds filters and keys, and
// lights up a claim's words in the article while the claim is open.
const all = (query, root = document) => [...root.querySelectorAll(query)];
const get = (id) => document.getElementById(id);
const claims = all(".claim");
const segments = all(".text .seg");
const marks = all(".text .mark");
const form = get("filter"), now = get("now"), help = get("help");
const numbers = (value) => (value || "").split(" ").filter(Boolean);
const isOpen = (claim) => claim.querySelector("details").open;
const shown = () => claims.filter((claim) => !claim.hidden);
const wide = matchMedia("(min-width: 62rem)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const behavior = () => (calm.matches ? "auto" : "smooth");
let current = null;

// ---- one claim at a time ----

function light() {
  const open = new Set(claims.filter(isOpen).map((claim) => claim.dataset.n));
  const any = (value) => numbers(value).some((n) => open.has(n));
  for (const segment of segments) {
    segment.classList.toggle("lit", any(segment.dataset.c));
    segment.classList.toggle("source", any(segment.dataset.s));
    segment.classList.toggle("cue", any(segment.dataset.q));
    segment.classList.toggle("hedge", any(segment.dataset.h));
  }
  for (const mark of marks) mark.classList.toggle("lit", open.has(mark.hash.slice(2)));
}

function tell(claim) {
  now.replaceChildren();
  now.hidden = !claim;
  if (!claim) return;
  const words = document.createElement("p");
  const who = claim.querySelector(".who").textContent.trim();
  const sure = claim.querySelector(".sure").textContent.trim();
  words.textContent = `${claim.dataset.n}. ${who}: ${sure}`;
  const more = document.createElement("button");
  more.textContent = "Details";
  more.addEventListener("click", () => reveal(claim, true));
  const close = document.createElement("button");
  close.textContent = "✕";
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", () => choose(null));
  now.append(words, more, close);
}

function reveal(claim, jump) {
  const summary = claim.querySelector("summary");
  summary.focus({ preventScroll: true });
  if (wide.matches) for (const part of [claim, summary]) part.scrollIntoView({ block: "nearest" });
  else if (jump) summary.scrollIntoView({ block: "start", behavior: behavior() });
}

// from: "text" where the words were clicked, "list" where the claim was.
function choose(claim, from) {
  for (const other of claims) {
    if (other !== claim) other.querySelector("details").open = false;
  }
  current = claim;
  if (claim) {
    if (claim.hidden) form.reset(), filter();
    claim.querySelector("details").open = true;
    reveal(claim, from === "keys");
    const mark = get(`t${claim.dataset.n}`);
    if (mark && from !== "text" && wide.matches) mark.scrollIntoView({ block: "center", behavior: behavior() });
  }
  light();
  tell(from === "text" ? claim : null);
}

for (const claim of claims) {
  claim.querySelector("summary").addEventListener("click", (event) => {
    event.preventDefault();
    choose(isOpen(claim) ? null : claim, "list");
  });
}
get("claims").addEventListener("toggle", light, true);

document.querySelector(".text").addEventListener("click", (event) => {
  const mark = event.target.closest(".mark");
  if (mark) {
    event.preventDefault();
    choose(get(mark.hash.slice(1)), "text");
    return;
  }
  const segment = event.target.closest(".seg[data-c]");
  if (!segment || !getSelection().isCollapsed) return;
  // Where claims lie on one another, each click opens the next one of those shown.
  const here = numbers(segment.dataset.c).map((n) => get(`c${n}`)).filter((claim) => !claim.hidden);
  if (here.length) choose(here[(here.indexOf(current) + 1) % here.length], "text");
});

// ---- filters ----

function filter() {
  const data = new FormData(form);
  const words = data.get("words").trim().toLocaleLowerCase();
  const sures = data.getAll("confidence"), kinds = data.getAll("kind");
  const source = data.get("source");
  const kept = new Set();
  for (const claim of claims) {
    const text = all(".find", claim).map((part) => part.textContent).join(" ").toLocaleLowerCase();
    const keep = (!words || text.includes(words))
      && (!sures.length || sures.includes(claim.dataset.confidence))
      && (!kinds.length || kinds.includes(claim.dataset.kind))
      && (!source || numbers(claim.dataset.sources).includes(source));
    claim.hidden = !keep;
    if (keep) kept.add(claim.dataset.n);
  }
  for (const segment of segments) {
    const here = numbers(segment.dataset.c);
    segment.classList.toggle("dim", here.length > 0 && !here.some((n) => kept.has(n)));
  }
  for (const mark of marks) mark.classList.toggle("dim", !kept.has(mark.hash.slice(2)));
  const filtered = Boolean(words || sures.length || kinds.length || source);
  get("all").hidden = !filtered;
  get("shown").textContent = `${filtered ? `${kept.size} of ` : ""}${claims.length} claim${claims.length === 1 ? "" : "s"}`;
  if (current && current.hidden) choose(null);
}

function only(source) {
  form.reset();
  form.elements.source.value = source;
  filter();
  get("claims").scrollIntoView({ block: "start", behavior: behavior() });
}

form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("reset", () => setTimeout(filter));
form.addEventListener("submit", (event) => event.preventDefault());
for (const button of all("[data-source]")) {
  button.addEventListener("click", () => only(button.dataset.source));
}

// ---- keys ----

function step(by) {
  const list = shown();
  if (!list.length) return;
  const at = list.indexOf(current);
  choose(list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)], "keys");
}

function swap() {
  if (!current) return;
  const mark = get(`t${current.dataset.n}`);
  if (!mark || document.activeElement === mark) return reveal(current, true);
  mark.focus({ preventScroll: true });
  mark.scrollIntoView({ block: "center", behavior: behavior() });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.key === "Escape") {
    const busy = current !== null;
    if (busy) choose(null);
    else form.reset();
    if (document.activeElement.matches("input, select")) document.activeElement.blur();
    return;
  }
  if (event.target.matches("input:not([type=checkbox]), select")) return;
  const keys = { j: () => step(1), k: () => step(-1), t: swap, "?": () => help.showModal(), "/": () => form.elements.words.focus() };
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});
const opener = document.querySelector(".keys");
opener.hidden = false;
opener.addEventListener("click", () => help.showModal());

// ---- addresses: #c4 opens a claim ----

function follow() {
  const target = /^#c\d+$/.test(location.hash) && get(location.hash.slice(1));
  if (target) choose(target, "keys");
}
addEventListener("hashchange", follow);

let closed = [];
addEventListener("beforeprint", () => {
  closed = all("details:not([open])");
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
form.reset();
filter();
follow();
