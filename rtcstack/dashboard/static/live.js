// The server says when something has changed; the parts of the page that show it ask for themselves anew.
// Only the page that is looked at listens: over HTTP/1.1 a browser has six connections for all of its tabs.
// Each time that it begins to listen it asks once: what changed before, while the page or the server was away, is not told.
// Of many changes in a row the first is shown at once, and the others together soon after.
const AGAIN_MS = 5000;
const QUIET_MS = 500;
let stream = null;
let shownAt = -Infinity;
let waiting = 0;

function show() {
  waiting = 0;
  shownAt = performance.now();
  document.body.dispatchEvent(new Event("live"));
}

function anew() {
  if (!waiting) waiting = setTimeout(show, Math.max(0, shownAt + QUIET_MS - performance.now()));
}

function open() {
  if (stream || document.hidden) return;
  stream = new EventSource("/live");
  stream.addEventListener("changed", anew);
  stream.addEventListener("over", () => location.reload());
  stream.addEventListener("begun", anew);
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return; // it tries again by itself
    stream = null;
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

// What a reader has opened stays open.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const opened = [...event.target.querySelectorAll("details[open][id]")].map((one) => one.id);
  event.target.addEventListener("htmx:afterSwap", () => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  }, { once: true });
});

// A recording that has become another thing needs another page: with a player, or without one.
document.body.addEventListener("htmx:afterSwap", (event) => {
  const was = event.target.dataset.needs;
  const now = event.target.querySelector("[data-needs]")?.dataset.needs;
  if (was && now && was !== now) location.reload();
});
