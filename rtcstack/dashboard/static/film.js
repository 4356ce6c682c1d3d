// The link that a film is played by expires: then the page asks for another one, and the film goes on where it was.
const AGAIN_MS = 10000;

function keepPlaying(film) {
  let askedAt = -Infinity;

  async function renew() {
    if (performance.now() - askedAt < AGAIN_MS) return; // it is not the link
    askedAt = performance.now();
    const [at, isPlaying, speed] = [film.currentTime, !film.paused, film.playbackRate];
    const answer = await fetch(film.dataset.link).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    film.addEventListener("loadedmetadata", () => {
      film.currentTime = at;
      film.playbackRate = speed;
      if (isPlaying) film.play().catch(() => {});
    }, { once: true });
    film.src = await answer.text();
  }

  film.addEventListener("error", renew);
  if (film.error) renew();
  // Behind a sleep the network may come later than the first try, and a film that could not be loaded says nothing again.
  setInterval(() => film.error && renew(), AGAIN_MS);
}

document.querySelectorAll("video[data-link]").forEach(keepPlaying);
