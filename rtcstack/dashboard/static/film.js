// The link that a film is played by expires: then the page asks for another one, and the film goes on where it was.
// A film that breaks again soon after, behind a sleep or since it is not the link, is tried again at growing intervals, while
// somebody looks at the page; it is said that it cannot be played until it can.
const FIRST_MS = 1000;
const LONGEST_MS = 60000;
const fault = document.getElementById("film-fault");

const seen = () => document.hidden && new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));

function keepPlaying(film) {
  let was = null; // where it broke: by another address it begins at 0, and that one may break as well
  let failures = 0; // in a row
  let askedAt = -Infinity;
  let waitMs = 0;
  let waiting = 0;

  function broke() {
    was ??= { at: film.currentTime, isPlaying: !film.paused, speed: film.playbackRate };
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
    if (link) film.src = link;
    else broke();
  }

  function goOn() {
    failures = 0;
    fault.hidden = true;
    if (!was) return;
    const { at, isPlaying, speed } = was;
    was = null;
    film.currentTime ||= at; // or where somebody went meanwhile
    film.playbackRate = speed;
    if (isPlaying) film.play().catch(() => {}); // it broke again, or somebody pressed pause
  }

  film.addEventListener("error", broke);
  film.addEventListener("loadedmetadata", goOn);
  if (film.error) broke();
}

document.querySelectorAll("video[data-link]").forEach(keepPlaying);
