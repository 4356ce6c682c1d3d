// Marks a range of the recording for a clip, and shows pictures of where the pointer is from the storyboard (WebVTT).
const player = document.querySelector(".player");
const film = player.querySelector("video");
const line = player.querySelector(".timeline");
const [marked, played] = [line.querySelector(".marked"), line.querySelector(".played")];
const preview = line.querySelector(".preview");
const sliders = { start: document.getElementById("mark-start"), end: document.getElementById("mark-end") };
const texts = { start: document.getElementById("start"), end: document.getElementById("end") };
const WIDTH = 160;
const AGAIN_MS = 5000;
let pictures = [];
let askedAt = -Infinity;
let goodUntil = -Infinity;
let until = null;

const duration = () => Number(sliders.end.max) || film.duration || 0;
const at = (name) => Number(sliders[name].value);

function stamp(seconds) {
  const tenths = Math.round(seconds * 10);
  const [h, m, s] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
  const rest = s.toFixed(1).padStart(4, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${rest}` : `${m}:${rest}`;
}

function seconds(text) {
  const parts = text.split(":").map(Number);
  if (!text.trim() || parts.some(Number.isNaN)) return null;
  return parts.reduce((sum, part) => sum * 60 + part, 0);
}

function draw() {
  const all = duration() || 1;
  marked.style.left = `${(at("start") / all) * 100}%`;
  marked.style.right = `${100 - (at("end") / all) * 100}%`;
  for (const name of ["start", "end"]) sliders[name].setAttribute("aria-valuetext", stamp(at(name)));
}

function put(name, value) {
  sliders[name].value = value;
  texts[name].value = stamp(at(name));
}

// Set by a key, a button or in its field, it is where it was set: when the other one is then on the wrong side, as that of the
// clip before may be, it goes to that end of the film.
function mark(name, value) {
  put(name, value);
  if (at("start") >= at("end")) put(...(name === "start" ? ["end", duration()] : ["start", 0]));
  draw();
}

// Dragged, it comes no further than to the other one.
function drag(name) {
  put(name, name === "start" ? Math.min(at("start"), at("end")) : Math.max(at("start"), at("end")));
  draw();
}

for (const name of ["start", "end"]) {
  sliders[name].addEventListener("input", () => {
    drag(name);
    film.currentTime = at(name);
    show(at(name));
  });
  sliders[name].addEventListener("blur", hide);
  texts[name].addEventListener("change", () => {
    const value = seconds(texts[name].value);
    if (value !== null) mark(name, value);
  });
}

function press(what) {
  if (what === "play") {
    film.currentTime = at("start");
    until = at("end");
    film.play().catch(() => {}); // its link has expired: film.js sees to that
  } else {
    mark(what, film.currentTime);
  }
}

player.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mark]");
  if (button) press(button.dataset.mark);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=range]), select, textarea")) return;
  if (event.key === "i") press("start");
  if (event.key === "o") press("end");
});
film.addEventListener("timeupdate", () => {
  played.style.left = `${(film.currentTime / (duration() || 1)) * 100}%`;
  if (until !== null && film.currentTime >= until) {
    film.pause();
    until = null;
  }
});
film.addEventListener("pause", () => (until = null));
film.addEventListener("loadedmetadata", () => {
  if (Number(sliders.end.max) || !Number.isFinite(film.duration)) return;
  for (const name of ["start", "end"]) sliders[name].max = film.duration;
  mark("end", film.duration);
});

// The storyboard: each cue names its place in a sprite by `#xywh=`.
function read(text) {
  const found = [];
  const cue = /(\d+):(\d\d):(\d\d)\.(\d{3}) --> .*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;
  for (const [, h, m, s, ms, url, x, y, w, height] of text.matchAll(cue)) {
    const from = Number(h) * 3600 + Number(m) * 60 + Number(s) + Number(ms) / 1000;
    found.push({ from, url, x: Number(x), y: Number(y), w: Number(w), h: Number(height) });
  }
  return found;
}

// It is made in the minute after the recording is ready: until then it is asked for now and then. The links in it expire.
async function load() {
  if (performance.now() < goodUntil || performance.now() - askedAt < AGAIN_MS) return;
  askedAt = performance.now();
  const answer = await fetch(player.dataset.storyboard);
  if (!answer.ok) return;
  pictures = read(await answer.text());
  if (pictures.length) goodUntil = askedAt + lifetime(pictures[0].url) / 2;
}

function lifetime(url) {
  const seconds = Number(new URL(url).searchParams.get("X-Amz-Expires"));
  return seconds ? seconds * 1000 : Infinity;
}

function show(time) {
  load();
  const all = duration() || 1;
  const room = line.clientWidth;
  const left = (time / all) * room;
  preview.hidden = false;
  preview.style.left = `${Math.min(Math.max(left, WIDTH / 2), Math.max(room - WIDTH / 2, WIDTH / 2))}px`;
  preview.querySelector(".at").textContent = stamp(time);
  const one = pictures.findLast((picture) => picture.from <= time);
  const picture = preview.querySelector(".picture");
  picture.hidden = !one;
  if (!one) return;
  const scale = WIDTH / one.w;
  picture.style.width = `${one.w}px`;
  picture.style.height = `${one.h}px`;
  picture.style.zoom = scale;
  picture.style.backgroundImage = `url("${one.url}")`;
  picture.style.backgroundPosition = `-${one.x}px -${one.y}px`;
}

function hide() {
  preview.hidden = true;
}

const time = (event) => {
  const box = line.getBoundingClientRect();
  return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * duration();
};
line.addEventListener("pointermove", (event) => show(time(event)));
line.addEventListener("pointerleave", hide);
line.querySelector(".track").addEventListener("click", (event) => (film.currentTime = time(event)));

draw();
