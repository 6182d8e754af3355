"use strict";
// A lead's page: live updates, calls that play from a turn, mails at their height, keys.

const timeline = () => document.getElementById("timeline");
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- Live ----------------------------------------------------------------------------------------
// The element #live asks when it is told to (`poll`); when it is told is decided here.

const EVERY = 2000;
const AT_MOST = 60000;
let wait = EVERY;
let timer;

function poll() {
  clearTimeout(timer);
  const live = document.getElementById("live");
  if (!live || document.hidden || "stale" in live.dataset) return;
  htmx.trigger(live, "poll");
}

function pollAfter(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(poll, milliseconds);
}

// Who asked may be replaced by what was answered, so the event's own target may be another.
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.requestConfig.elt.matches("[data-live]")) return;
  const worked = event.detail.successful;
  if (worked && wait > EVERY) document.getElementById("toasts").replaceChildren();
  if (!worked && wait > EVERY) toast(texts().offline, "error");
  wait = worked ? EVERY : Math.min(wait * 2, AT_MOST);
  pollAfter(wait);
});
document.addEventListener("visibilitychange", poll);
document.addEventListener("poll-now", poll);
addEventListener("online", poll);
pollAfter(EVERY);

// What one is in the middle of is left alone.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const focused = document.activeElement;
  if (focused?.matches("select, input, textarea") && event.detail.target.contains(focused)) {
    event.detail.shouldSwap = false;
  }
});

document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id === "arrivals") settleArrivals();
});

function settleArrivals() {
  const arrivals = document.getElementById("arrivals");
  const anchor = firstInSight();
  const before = anchor?.getBoundingClientRect().top;
  for (const gone of all("[data-gone]", arrivals)) takeAway(gone.dataset.gone);
  for (const entry of all(".entry", arrivals)) settle(entry);
  arrivals.replaceChildren();
  if (anchor?.isConnected) scrollBy(0, anchor.getBoundingClientRect().top - before);
}

// Moved to another lead: what is focused within it moves on to the next one.
function takeAway(id) {
  const entry = all("#timeline > .entry").find((other) => other.id === id);
  if (!entry) return;
  if (entry.contains(document.activeElement)) step(1);
  const heading = entry.previousElementSibling;
  const isAlone = heading?.matches(".day") && !entry.nextElementSibling?.matches(".entry");
  entry.remove();
  if (isAlone) heading.remove();
}

function firstInSight() {
  if (timeline().getBoundingClientRect().top > 0) return null;
  return all("#timeline > .entry").find((entry) => entry.getBoundingClientRect().bottom > 60);
}

function settle(entry) {
  const heading = entry.previousElementSibling?.matches(".day") ? entry.previousElementSibling : null;
  const known = all("#timeline > .entry").find((other) => other.id === entry.id);
  if (known) {
    if (known.contains(document.activeElement)) return;
    known.replaceWith(entry);
    htmx.process(entry);
    return;
  }
  if (place(entry, heading)) {
    entry.classList.add("is-new");
    htmx.process(entry);
  }
  if (isOutOfSight(entry)) announce();
}

// Ids begin with the time, so their order is the timeline's. What would stand beyond the entries
// that are loaded is left to be loaded with those around it.
function place(entry, heading) {
  const newestFirst = timeline().dataset.order === "newest";
  const entries = all("#timeline > .entry");
  const next = entries.find((other) => (newestFirst ? other.id < entry.id : other.id > entry.id));
  const isFirst = next === entries[0];
  if (isFirst && document.querySelector('[data-more="preceding"]')) return false;
  if (!next && document.querySelector('[data-more="following"]')) return false;
  if (!entries.length) timeline().replaceChildren();
  let below = next ?? document.querySelector("#timeline > .end");
  const known = heading && document.querySelector(`#timeline > #${heading.id}`);
  if (below?.previousElementSibling?.matches(".day") && below.previousElementSibling !== known) {
    below = below.previousElementSibling;
  }
  timeline().insertBefore(entry, below ?? null);
  if (heading && !known) entry.before(heading);
  return true;
}

function isOutOfSight(entry) {
  if (!entry.isConnected || !timeline().contains(entry)) return true;
  const { top, bottom } = entry.getBoundingClientRect();
  return bottom < 0 || top > innerHeight;
}

let unseen = 0;

function announce() {
  unseen += 1;
  const pill = document.getElementById("pill");
  const text = pill.querySelector("span");
  text.textContent = unseen === 1 ? text.dataset.one : text.dataset.many.replace("#", unseen);
  pill.hidden = false;
}

function seen() {
  unseen = 0;
  document.getElementById("pill").hidden = true;
}

document.addEventListener("click", (event) => {
  const first = event.target.closest("#pill") && document.querySelector("#timeline > .is-new");
  if (!first) return;
  event.preventDefault();
  seen();
  first.scrollIntoView({ block: "center" });
  focusEntry(first);
});
addEventListener("scroll", () => scrollY < 80 && unseen && document.querySelector(".is-new") && seen(), { passive: true });

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "timeline" || event.target.id === "timeline") seen();
  dropRepeatedDays();
  if (document.getElementById("live")?.dataset.stale !== undefined) {
    const text = document.querySelector("#pill span");
    text.textContent = text.dataset.stale;
    document.getElementById("pill").hidden = false;
  }
});

// A stretch put above others may end with the day they begin with.
function dropRepeatedDays() {
  const known = new Set();
  for (const day of all("#timeline > .day")) {
    if (known.has(day.id)) day.remove();
    known.add(day.id);
  }
}

// --- Calls -------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const turn = event.target.closest("[data-seek]");
  if (!turn) return;
  const audio = turn.closest(".entry").querySelector("audio");
  audio.currentTime = Number(turn.dataset.seek);
  audio.play().catch(() => {});
});

// These do not bubble, so they are caught on their way down.
document.addEventListener("error", (event) => {
  if (!event.target.matches?.("[data-player] audio")) return;
  event.target.hidden = true;
  event.target.nextElementSibling.hidden = false;
}, true);

document.addEventListener("timeupdate", (event) => {
  const turns = all("[data-seek]", event.target.closest(".entry") ?? document);
  const current = turns.findLast((turn) => Number(turn.dataset.seek) <= event.target.currentTime);
  for (const turn of turns) turn.closest(".turn").classList.toggle("is-playing", turn === current && !event.target.ended);
}, true);

document.addEventListener("play", (event) => {
  for (const audio of all("audio, video")) if (audio !== event.target) audio.pause();
}, true);

// --- Mails -------------------------------------------------------------------------------------
// The frame runs nothing; that it is of our origin lets its height be read, here alone.

function fit(frame) {
  const page = frame.contentDocument?.documentElement;
  if (page) frame.style.height = `${Math.min(Math.max(page.scrollHeight, 60), 1200)}px`;
}

document.addEventListener("load", (event) => {
  if (!event.target.matches?.("[data-frame]")) return;
  fit(event.target);
  event.target.contentDocument?.addEventListener("toggle", () => fit(event.target), true);
}, true);

// --- Days: a click on the strip goes there, if it is loaded already ------------------------------

document.addEventListener("click", (event) => {
  const day = event.target.closest("[data-strip] a");
  if (!day) return;
  const id = new URLSearchParams(day.getAttribute("href").split("#")[0]).get("day");
  const heading = document.getElementById(`day-${id}`);
  if (!heading) return;
  event.preventDefault();
  heading.scrollIntoView();
});

document.addEventListener("keydown", (event) => {
  const day = event.target.closest?.("[data-strip] a");
  if (!day || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const next = event.key === "ArrowLeft" ? day.previousElementSibling : day.nextElementSibling;
  if (next) next.focus();
  event.preventDefault();
});

// --- Keys --------------------------------------------------------------------------------------

function focusEntry(entry) {
  entry.tabIndex = -1;
  entry.focus({ preventScroll: true });
}

function step(by) {
  const entries = all("#timeline > .entry");
  const at = entries.findIndex((entry) => entry.contains(document.activeElement));
  const inSight = entries.findIndex((entry) => entry.getBoundingClientRect().bottom > 100);
  const next = entries[at < 0 ? inSight : Math.min(Math.max(at + by, 0), entries.length - 1)];
  if (!next) return;
  focusEntry(next);
  next.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  f: () => document.querySelector("[data-find]").focus(),
  n: () => document.querySelector("[data-note]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (!(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.target.closest(".note-form")?.requestSubmit();
});

// --- Times -------------------------------------------------------------------------------------
// Refreshed where they count minutes and hours; the words are the server's.

function span(seconds) {
  const { day, hour, minute, second } = document.getElementById("texts").dataset;
  for (const [size, unit] of [[86400, day], [3600, hour], [60, minute]]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${seconds} ${second}`;
}

setInterval(() => {
  const pattern = document.getElementById("texts").dataset.ago;
  for (const time of all("time[data-ago]")) {
    const passed = Math.max(0, Math.floor((Date.now() - new Date(time.dateTime)) / 1000));
    time.textContent = pattern.replace("#", span(passed));
  }
}, 30000);
