// The server says when something has changed; the parts of the page that show it ask for themselves anew.
// Only the page that is looked at listens: over HTTP/1.1 a browser has six connections for all of its tabs.
// Each time that it begins to listen it asks once: what changed before, while the page or the server was away, is not told.
// Of many changes in a row the first is shown at once, and the others together soon after.
import { reload } from "./said.js";

const AGAIN_MS = 5000;
const QUIET_MS = 500;
let stream = null;
let shownAt = -Infinity;
let waiting = 0;
let isStale = false; // another tenant was chosen on another page, or this one is being left: it stays as it is

function show() {
  waiting = 0;
  shownAt = performance.now();
  document.body.dispatchEvent(new Event("live"));
}

function anew() {
  if (!waiting) waiting = setTimeout(show, Math.max(0, shownAt + QUIET_MS - performance.now()));
}

function open() {
  if (stream || document.hidden || isStale) return;
  stream = new EventSource(document.querySelector("[data-all]") ? "/live?all=1" : "/live");
  stream.addEventListener("changed", anew);
  stream.addEventListener("over", () => location.reload());
  stream.addEventListener("begun", anew);
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return; // it tries again by itself
    stream = null;
    anew(); // when the session has ended meanwhile, the answer leads to the way to sign in
    setTimeout(open, AGAIN_MS);
  });
}

function close() {
  stream?.close();
  stream = null;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    close();
  } else {
    open();
  }
});
addEventListener("pagehide", close);
addEventListener("pageshow", open);
open();

function leave() {
  isStale = true;
  close();
}

document.body.addEventListener("stale", leave);
// The page that is on its way out asks no more: what it shows may be what was just deleted.
document.body.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr } }) => xhr.getResponseHeader("hx-redirect") && leave());
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if ((isStale || document.hidden) && event.target.matches("[hx-trigger]")) event.preventDefault(); // nobody asks but the page itself
});

// What is as it was is left alone: it is not read out again, and what somebody selects in it stays selected.
// Clocks go on by themselves.
const last = new WeakMap();
const STOOD = /(data-since="\d+">)[\d:]+/g;
document.body.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (detail.requestConfig.verb !== "get") return;
  const shown = detail.serverResponse.replace(STOOD, "$1");
  if (last.get(target) === shown) detail.shouldSwap = false;
  last.set(target, shown);
});

// What cannot be had any more is not left standing as if it were so.
document.body.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const fault = document.getElementById(target.dataset.fault);
  if (fault && !isStale) fault.hidden = !(target.hidden = !detail.successful);
});

function byDefault(select) {
  return Math.max(0, [...select.options].findIndex((option) => option.defaultSelected));
}

function isChanged(field) {
  if (field.matches("select")) return field.selectedIndex !== byDefault(field);
  if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

// What depends on a field hears that something else stands in it than the server says; what would be sent by that does not.
const SENDS = "[data-submit-on-change] *, [hx-get], [hx-post], [hx-trigger*=change] *";
function tell(field) {
  if (field.isConnected && !field.matches(SENDS)) field.dispatchEvent(new Event("change", { bubbles: true }));
}

// What a reader has opened stays open, and what was chosen or written and not sent yet stays so.
document.body.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (!detail.shouldSwap || detail.requestConfig.verb !== "get") return;
  const opened = [...target.querySelectorAll("details[open][id]")].map((one) => one.id);
  const fields = [...target.querySelectorAll("input[id], select[id]")].filter(isChanged);
  const written = fields.map(({ id, value, checked }) => ({ id, value, checked }));
  target.addEventListener("htmx:afterSwap", () => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    const back = written.map(({ id, value, checked }) => Object.assign(document.getElementById(id) ?? {}, { value, checked }));
    for (const field of back) tell(field);
  }, { once: true });
});

// A choice that comes along with a part of the page is not put in place of the one that is there, which somebody may have open:
// it says what is chosen by now, and that is shown unless something else was chosen and not sent yet.
document.body.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  if (!target.matches("select")) return;
  detail.shouldSwap = false;
  const now = detail.fragment.firstElementChild.value;
  const shown = isChanged(target) ? target.value : now;
  for (const option of target.options) option.defaultSelected = option.value === now;
  target.value = shown;
});

// A recording that has become another thing needs another page: with a player, or without one. Nobody's film is cut off by
// that: whoever watches it to its end, or to a pause, has the other page then.
document.body.addEventListener("htmx:afterSwap", (event) => {
  const was = event.target.dataset.needs;
  const now = event.target.querySelector("[data-needs]")?.dataset.needs;
  if (!was || !now || was === now) return;
  event.target.removeAttribute("data-needs"); // it is asked for once
  const film = document.querySelector("main video");
  if (!film || film.paused) reload();
  else film.addEventListener("pause", reload, { once: true });
});
