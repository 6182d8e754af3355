"use strict";
// What HTML and htmx do not do by themselves. Every page reads and pages without it.

const texts = () => document.getElementById("texts").dataset;
const inYear = "; path=/; max-age=31536000; samesite=lax" + (location.protocol === "https:" ? "; secure" : "");

// --- Theme and time zone: cookies, so that the server draws the page right at once ------------

function chooseTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.cookie = `leadline_theme=${theme}${inYear}`;
  showTheme();
}

function showTheme() {
  const chosen = document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
  }
}

function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = document.cookie.includes(`leadline_zone=${zone}`);
  if (!zone || known) return;
  document.cookie = `leadline_zone=${zone}${inYear}`;
  // The times on this page are another zone's: once, in the life of a browser or on a journey.
  if (document.cookie.includes(zone) && document.querySelector("time")) location.reload();
}

for (const group of document.querySelectorAll("[data-themes]")) group.hidden = false;
showTheme();
tellZone();

// --- Toasts --------------------------------------------------------------------------------------

function toast(text, kind = "success") {
  const line = document.createElement("p");
  line.className = `toast toast-${kind}`;
  line.textContent = text;
  document.getElementById("toasts").replaceChildren(line);
  if (kind === "success") setTimeout(() => line.remove(), 2500);
}

// What asks by itself (`data-live`) sees to its own failures.
const asksByItself = (event) => event.target.matches("[data-live]");
document.addEventListener("htmx:sendError", (event) => asksByItself(event) || toast(texts().failed, "error"));
// A session that ended meanwhile leads elsewhere, to the sign-in: not into a part of this page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  const asked = new URL(pathInfo.requestPath, location.href).pathname;
  if (!xhr.responseURL || new URL(xhr.responseURL).pathname === asked) return;
  event.detail.shouldSwap = false;
  event.stopPropagation();
  toast(texts().signedOut, "error");
});
document.addEventListener("htmx:responseError", (event) => asksByItself(event) || toast(texts().failed, "error"));

// --- Clicks ------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (choice) chooseTheme(choice.dataset.themeChoice);
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => toast(texts().copied));
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// --- Keys --------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return leave(event);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector("[data-search]")?.focus();
  }
});

function leave(event) {
  const menu = event.target.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.target.matches("[type=search]")) event.target.blur();
}
