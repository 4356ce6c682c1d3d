// Says whether the room is being recorded: before joining as the server knows it, inside as LiveKit tells at once, and whether
// it is paused as the server knows it.
import * as words from "./words.js";

const EVERY_MS = 3000;
const place = document.getElementById("notice");
let shown = document.body.dataset.recording;
let isInside = false;
let isRecorded = false;

function show(state, say) {
  if (state === shown) return;
  shown = state;
  place.hidden = state === "off";
  place.className = state;
  if (state !== "off") {
    const [title, text] = words.notice(state, isInside);
    place.querySelector("strong").textContent = title;
    place.querySelector("span").textContent = text;
  }
  if (isInside) say(words.RECORDING_IS[state]);
}

export class Notice {
  constructor(askState, say) {
    this.ask = askState;
    this.say = say;
    setInterval(() => this.look(), EVERY_MS);
    document.addEventListener("visibilitychange", () => this.look());
  }

  // What LiveKit says counts inside; it does not know of pauses.
  inside(recorded) {
    isInside = true;
    isRecorded = recorded;
    shown = recorded ? null : "off"; // the words are others than before joining
    place.hidden = !recorded;
    this.apply(recorded ? "on" : "off");
    this.look();
  }

  changed(recorded) {
    isRecorded = recorded;
    show(recorded ? "on" : "off", this.say);
    this.look();
  }

  apply(state) {
    const seen = !isInside ? state : isRecorded ? (state === "paused" ? "paused" : "on") : "off";
    show(seen, this.say);
  }

  async look() {
    if (document.hidden || (isInside && !isRecorded)) return;
    const state = await this.ask();
    if (state) this.apply(state.recording);
  }

  over() {
    isInside = true;
    isRecorded = false;
    place.hidden = true;
  }
}
