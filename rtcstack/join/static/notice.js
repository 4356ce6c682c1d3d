// Says whether the room is being recorded: before joining as the server knows it, inside as LiveKit tells at once, and whether
// it is paused as the server knows it. Without the server's word a recorder that is there counts as one that records.
import * as words from "./words.js";

const EVERY_MS = 3000;
const ANSWER_MS = 5000;
const place = document.getElementById("notice");
let shown = document.body.dataset.recording;
let isInside = false;
let isRecorded = false;
let isAsking = false; // one question at a time, so that no answer comes after a later one
let isToAskAgain = false;

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
    isToAskAgain = isAsking;
    if (isAsking || document.hidden || (isInside && !isRecorded)) return;
    isAsking = true;
    const state = await Promise.race([this.ask(), new Promise((done) => setTimeout(done, ANSWER_MS))]);
    isAsking = false;
    if (isToAskAgain) return this.look(); // it may be another thing since
    if (state) this.apply(state.recording);
    else if (shown === "paused") this.apply("on"); // it may go on meanwhile, and nobody must believe that it does not
  }

  over() {
    isInside = true;
    isRecorded = false;
    place.hidden = true;
  }
}
