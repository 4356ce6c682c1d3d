// The link that a film is played by expires: then the page asks for another one, and the film goes on where it was.
// A film that breaks again soon after, behind a sleep or since it is not the link, is tried again at growing intervals, while
// somebody looks at the page; it is said that it cannot be played until it can.
// One that comes by its new link and breaks at the same place again is damaged there: that is said, it stands at its beginning, for
// other places of it can be played, and nothing is tried any more.
import { length } from "./clocks.js";

const FIRST_MS = 1000;
const LONGEST_MS = 60000;
const NEAR_S = 2; // a browser decodes somewhat ahead of what it shows
const fault = document.getElementById("film-fault");
const damage = document.getElementById("film-damage");

const seen = () => document.hidden && new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));

function keepPlaying(film) {
  let was = null; // where it broke: by another address it begins at 0, and that one may break as well
  let failures = 0; // in a row
  let askedAt = -Infinity;
  let waitMs = 0;
  let waiting = 0;
  let hasCome = film.readyState > 0; // by the link that it has now
  let brokenAt = NaN; // the place at which one broke that had come
  let isPlaying = false; // as far as was heard: Chromium pauses a film that breaks before it tells of that
  let isGivenUp = false; // until somebody plays it, or goes to another place

  // What the store sends no further is not damaged: it is tried again.
  function isDamaged() {
    if (!hasCome || film.error?.code === MediaError.MEDIA_ERR_NETWORK) return false;
    const isThereAgain = Math.abs(film.currentTime - brokenAt) < NEAR_S && performance.now() - askedAt < LONGEST_MS;
    brokenAt = film.currentTime;
    return isThereAgain;
  }

  function giveUp() {
    damage.querySelector(".at").textContent = length(brokenAt * 1000);
    damage.hidden = false;
    isGivenUp = true;
    failures = 0;
    fault.hidden = true;
    was = { at: 0, isToGoOn: false, speed: film.playbackRate };
    load(film.src);
    film.dispatchEvent(new Event("pause")); // Chromium's own is lost in that; whoever waits for the film's end need not any more
  }

  function broke() {
    if (isGivenUp && hasCome) return;
    if (isDamaged()) return giveUp();
    was ??= { at: film.currentTime, isToGoOn: isPlaying || !film.paused, speed: film.playbackRate };
    if (waiting) return;
    failures += 1;
    fault.hidden = failures < 2;
    if (performance.now() - askedAt > LONGEST_MS) waitMs = 0;
    waiting = setTimeout(renew, waitMs);
    waitMs = Math.min(Math.max(2 * waitMs, FIRST_MS), LONGEST_MS);
  }

  async function renew() {
    if (failures > 1) await seen(); // the first one is for whoever listens while another page is in front
    askedAt = performance.now();
    const answer = await fetch(film.dataset.link).catch(() => null);
    const link = answer?.ok && !answer.redirected && (await answer.text().catch(() => null));
    waiting = 0;
    if (link) load(link);
    else broke();
  }

  function load(link) {
    hasCome = false;
    film.src = link;
  }

  function goOn() {
    hasCome = true;
    if (!was) return;
    const { at, isToGoOn, speed } = was;
    was = null;
    film.currentTime ||= at; // or where somebody went meanwhile
    film.playbackRate = speed;
    if (!isToGoOn && !at) hasPicture(); // of a film that nobody plays some browsers fetch no more than this
    if (isToGoOn) film.play().catch(() => {}); // it broke again, or somebody pressed pause
  }

  function hasPicture() {
    if (film.seeking) return;
    failures = 0;
    fault.hidden = true;
  }

  film.addEventListener("play", () => (isPlaying = true));
  film.addEventListener("pause", () => (isPlaying = false));
  film.addEventListener("error", broke);
  film.addEventListener("loadedmetadata", goOn);
  for (const word of ["loadeddata", "seeked"]) film.addEventListener(word, hasPicture);
  for (const word of ["play", "seeking"]) film.addEventListener(word, () => (isGivenUp = false));
  if (film.error) broke();
}

document.querySelectorAll("video[data-link]").forEach(keepPlaying);
