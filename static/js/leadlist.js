"use strict";
// The lead list by keyboard: j and k move, Enter opens. `/` is of leadline.js.

const rows = () => [...document.querySelectorAll("[data-row]")];
const link = (row) => row.querySelector(".row-link");

function move(step) {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  if (!next) return;
  link(next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.id === "lead-search" && event.key === "ArrowDown") {
    event.preventDefault();
    move(0);
    return;
  }
  if (event.target.closest("input, textarea, select, details[open]")) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
});

// An address says what was chosen, not what was not.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "lead-filters") return;
  for (const [name, value] of [...event.detail.formData]) {
    if (!value || (name === "sort" && value === "newest")) event.detail.formData.delete(name);
  }
});
