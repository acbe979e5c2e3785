"use strict";
// Everything opens and jumps without this script; it adds the filter and ties words to findings.
const all = (query, root = document) => [...root.querySelectorAll(query)];
const articles = all(".article");
const numbers = (segment) => segment.dataset.f.split(" ");

function open(target) {
  for (let node = target; node; node = node.parentElement) {
    if (node.tagName === "DETAILS") node.open = true;
  }
}

function light(article) {
  const shown = new Set(all(".finding[open]", article).map((finding) => finding.dataset.n));
  for (const segment of all(".text .seg", article)) {
    segment.classList.toggle("on", numbers(segment).some((n) => shown.has(n)));
  }
}

function choose(article, number) {
  for (const finding of all(".finding[open]", article)) {
    if (finding.dataset.n !== number) finding.open = false;
  }
  const finding = document.getElementById(`${article.id}-f${number}`);
  open(finding);
  finding.querySelector("summary").focus({ preventScroll: true });
  finding.scrollIntoView({ block: "nearest" });
}

for (const article of articles) {
  article.addEventListener("toggle", () => light(article), true);
  article.addEventListener("click", (event) => {
    const mark = event.target.closest(".mark");
    if (mark) {
      event.preventDefault();
      choose(article, mark.hash.slice(article.id.length + 3));
      return;
    }
    const segment = event.target.closest(".text .seg");
    if (!segment || !getSelection().isCollapsed) return;
    // Where claims lie on one another, each click opens the next one.
    const here = numbers(segment);
    const now = here.findIndex((n) => document.getElementById(`${article.id}-f${n}`).open);
    choose(article, here[(now + 1) % here.length]);
  });
}

const form = document.getElementById("filter");
function filter() {
  const wanted = new FormData(form).get("class");
  let count = 0, places = 0;
  for (const article of articles) {
    const kept = new Set();
    for (const finding of all(".finding", article)) {
      const classes = finding.dataset.classes.split("|");
      const keep = !wanted || (wanted === "any" ? classes[0] !== "" : classes.includes(wanted));
      finding.hidden = !keep;
      if (keep) kept.add(finding.dataset.n);
    }
    for (const segment of all(".text .seg", article)) {
      segment.classList.toggle("dim", !numbers(segment).some((n) => kept.has(n)));
    }
    for (const mark of all(".mark", article)) {
      mark.classList.toggle("dim", !kept.has(mark.hash.slice(article.id.length + 3)));
    }
    article.hidden = Boolean(wanted) && !kept.size;
    if (wanted && kept.size) article.open = true;
    count += kept.size;
    places += kept.size > 0;
  }
  document.getElementById("shown").textContent =
    `${count} finding${count === 1 ? "" : "s"} in ${places} article${places === 1 ? "" : "s"}`;
}
form.hidden = false;
form.addEventListener("change", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.reset();
filter();

function follow() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  open(target);
  target.scrollIntoView({ block: "start" });
}
addEventListener("hashchange", follow);
follow();

let closed = [];
addEventListener("beforeprint", () => {
  closed = all("details:not([open])");
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
