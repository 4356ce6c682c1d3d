// Instants in the reader's own time zone, and lengths of time that go on.
const shown = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

function tell(time) {
  const at = new Date(time.dateTime);
  time.title = time.dateTime;
  time.textContent = shown.format(at);
}

export function length(ms) {
  const all = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function tick() {
  for (const one of document.querySelectorAll("[data-since]")) {
    const text = length(Date.now() - Number(one.dataset.since));
    if (one.textContent !== text) one.textContent = text;
  }
}

function all(place) {
  place.querySelectorAll("time[datetime]").forEach(tell);
  tick();
}

all(document);
document.body.addEventListener("htmx:afterSwap", () => all(document)); // before anything of it is painted
setInterval(tick, 1000);
