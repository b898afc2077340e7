"use strict";

// Columns are sorted by buttons that only exist where this script runs.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, column) => {
    const cell = row.cells[column];
    if (!("value" in cell.dataset)) return cell.textContent.trim().toLowerCase();
    return cell.dataset.value === "" ? null : Number(cell.dataset.value);
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const first = head.dataset.sort === "number" ? "descending" : "ascending";
      const other = first === "descending" ? "ascending" : "descending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const rows = [...body.rows].map((row) => [value(row, column), row]);
      rows.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return sign * (typeof a === "number" ? a - b : a.localeCompare(b));
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}

// Rows are shown where their text holds every word, and some answer has the outcome.
for (const rows of document.querySelectorAll("[data-rows]")) {
  const all = [...rows.querySelectorAll(":scope > details")];
  const search = rows.querySelector("[data-search]");
  const outcome = rows.querySelector("[data-outcome]");
  const count = rows.querySelector("[data-count]");
  let texts = null;
  const apply = () => {
    texts ??= all.map((row) => row.textContent.toLowerCase());
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    all.forEach((row, place) => {
      const fits =
        words.every((word) => texts[place].includes(word)) &&
        (!outcome.value || row.querySelector(`[data-words~="${outcome.value}"]`) !== null);
      row.hidden = !fits;
      shown += fits;
    });
    count.textContent = shown === all.length ? "" : `${shown} of ${all.length} rows`;
  };
  search.addEventListener("input", apply);
  outcome.addEventListener("change", apply);
  rows.querySelector(".filters").hidden = false;
}

// An address that names a row opens it.
const open = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
};
addEventListener("hashchange", open);
open();
