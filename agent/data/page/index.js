"use strict";
// Without this script the tables are whole; it adds the search, sorting and keys.
const all = (query, root = document) => [...root.querySelectorAll(query)];
const form = document.getElementById("filter"), help = document.getElementById("help");
const rows = all("table:not(.plain) tbody tr");

function filter() {
  const words = form.elements.words.value.trim().toLocaleLowerCase();
  let count = 0;
  for (const row of rows) {
    row.hidden = words !== "" && !row.textContent.toLocaleLowerCase().includes(words);
    count += !row.hidden;
  }
  document.getElementById("shown").textContent = words ? `${count} of ${rows.length} rows` : "";
}
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("reset", () => setTimeout(filter));
form.addEventListener("submit", (event) => event.preventDefault());

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
for (const button of all(".sort")) {
  button.addEventListener("click", () => {
    const head = button.closest("th"), body = button.closest("table").tBodies[0];
    const place = head.cellIndex, numbers = head.classList.contains("n");
    // Numbers begin with the largest, words with the first.
    const was = head.getAttribute("aria-sort");
    const down = was ? was === "ascending" : numbers;
    const value = (row) => row.cells[place].textContent.trim();
    const sorted = [...body.rows].sort((a, b) =>
      numbers ? Number(value(a)) - Number(value(b)) : collator.compare(value(a), value(b)));
    for (const other of all("th", head.parentElement)) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...(down ? sorted.reverse() : sorted));
  });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.key === "Escape") form.reset(), form.elements.words.blur();
  if (event.target.matches("input")) return;
  if (event.key === "?") help.showModal();
  else if (event.key === "/") form.elements.words.focus();
  else return;
  event.preventDefault();
});
const opener = document.querySelector(".keys");
opener.hidden = false;
opener.addEventListener("click", () => help.showModal());
form.reset();
filter();
