// A tile for each person, one more for each screen that is shown, in as few and as large rows as there is room for.
import { initials } from "./words.js";

const { Track } = globalThis.LivekitClient;
const GAP = 8;
const HUES = 6;
const STRIP_PX = 92;
const SMALLEST_PX = 120;
const [WIDE, SQUARER] = [16 / 9, 4 / 3];
const [stage, place] = [document.getElementById("stage"), document.getElementById("tiles")];
const tiles = new Map();

function made(key, isScreen) {
  const tile = document.createElement("div");
  tile.className = "tile";
  if (!isScreen) tile.setAttribute("role", "listitem");
  const face = document.createElement("span");
  face.className = "face";
  face.setAttribute("aria-hidden", "true");
  const film = document.createElement("video");
  film.autoplay = film.muted = film.playsInline = true;
  const label = document.createElement("span");
  label.className = "label";
  const silent = document.getElementById("silent").content.firstElementChild.cloneNode(true);
  const name = document.createElement("span");
  name.className = "name";
  label.append(name, silent);
  tile.append(face, film, label);
  const one = { tile, face, film, name, silent, track: null };
  tiles.set(key, one);
  return one;
}

function setFilm(one, track) {
  if (one.track !== track) {
    one.track?.detach(one.film);
    track?.attach(one.film);
    one.track = track;
  }
  one.film.hidden = !track;
}

const hue = (text) => [...text].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) % 9973, 7) % HUES;
const playing = (publication) => (publication?.track && !publication.isMuted ? publication.track : null);

function person(participant, isMe) {
  const key = participant.identity;
  const one = tiles.get(key) ?? made(key, false);
  const name = participant.name || participant.identity;
  const isSilent = !participant.isMicrophoneEnabled;
  setFilm(one, playing(participant.getTrackPublication(Track.Source.Camera)));
  one.film.setAttribute("aria-label", `Picture of ${name}`);
  one.film.classList.toggle("mine", isMe);
  one.face.textContent = initials(name);
  one.tile.classList.remove(...[...one.tile.classList].filter((word) => word.startsWith("hue-")));
  one.tile.classList.add(`hue-${hue(key)}`);
  one.tile.classList.toggle("speaking", participant.isSpeaking && !isSilent);
  one.name.textContent = isMe ? `${name} (you)` : name;
  one.silent.hidden = !isSilent;
  if (one.tile.parentElement !== place) place.append(one.tile);
  return key;
}

function screen(participant, isMe) {
  const track = playing(participant.getTrackPublication(Track.Source.ScreenShare));
  if (!track) return null;
  const key = `screen of ${participant.identity}`;
  const one = tiles.get(key) ?? made(key, true);
  setFilm(one, track);
  one.tile.classList.add("screen");
  one.name.textContent = isMe ? "Your screen" : `Screen of ${participant.name || participant.identity}`;
  one.film.setAttribute("aria-label", one.name.textContent);
  one.silent.hidden = true;
  if (one.tile.parentElement !== stage) stage.append(one.tile);
  return key;
}

export function draw(room) {
  const people = [room.localParticipant, ...room.remoteParticipants.values()];
  const there = new Set();
  for (const [index, one] of people.entries()) {
    there.add(person(one, index === 0));
    there.add(screen(one, index === 0));
  }
  for (const [key, one] of tiles) {
    if (there.has(key)) continue;
    setFilm(one, null);
    one.tile.remove();
    tiles.delete(key);
  }
  stage.hidden = !stage.childElementCount;
  place.classList.toggle("strip", !stage.hidden);
  fit();
  return people.length;
}

// The largest tiles of that shape for which there is room, over all numbers of columns.
function largest(count, box, aspect) {
  let width = 0;
  for (let n = 1; n <= count; n += 1) {
    const rows = Math.ceil(count / n);
    const across = (box.width - GAP * (n - 1)) / n;
    const down = ((box.height - GAP * (rows - 1)) / rows) * aspect;
    width = Math.max(width, Math.min(across, down));
  }
  return { width, height: width / aspect };
}

// On a screen that stands upright tiles may be squarer, if that makes them larger.
function size() {
  if (place.classList.contains("strip")) return { width: STRIP_PX * WIDE, height: STRIP_PX };
  const box = place.getBoundingClientRect();
  const aspects = box.width < box.height ? [WIDE, SQUARER] : [WIDE];
  const found = aspects.map((aspect) => largest(place.childElementCount, box, aspect));
  return found.sort((one, other) => other.width * other.height - one.width * one.height)[0];
}

function fit() {
  const { width, height } = size();
  const scale = Math.max(1, SMALLEST_PX / width);
  place.classList.toggle("many", scale > 1);
  place.style.setProperty("--width", `${Math.floor(width * scale)}px`);
  place.style.setProperty("--height", `${Math.floor(height * scale)}px`);
}

new ResizeObserver(fit).observe(place);
