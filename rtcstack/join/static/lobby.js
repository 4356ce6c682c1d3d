// Before joining: the name, a look at oneself, and which devices are used. Whatever is missing, one can join without it.
// No device is on but those that are shown here: one thing is done after the other, and what comes too late is turned off.
import { fill, remember, remembered, SOURCES } from "./devices.js";
import { ASKING, deviceFault, INSECURE, TAKEN_AWAY } from "./words.js";

const { createAudioAnalyser, createLocalAudioTrack, createLocalTracks, createLocalVideoTrack, TrackEvent } = globalThis.LivekitClient;
const at = (id) => document.getElementById(id);
const KINDS = ["microphone", "camera"];
const LEVEL_MS = 120;
const PATIENCE_MS = 3000; // nobody has to answer a browser's question to join
const kept = remembered();
const tracks = { microphone: null, camera: null };
const isWanted = { microphone: !kept.microphoneIsOff, camera: !kept.cameraIsOff };
const faults = { microphone: null, camera: null };
let analyser = null;
let levels = 0;
let canLook = false;
let isOver = false; // the devices belong to the room
let underWay = Promise.resolve();

const options = (kind) => ({ deviceId: at(kind).value || kept[kind] || undefined });
const make = { microphone: createLocalAudioTrack, camera: createLocalVideoTrack };

function lock() {
  for (const kind of KINDS) if (at(`${kind}-switch`)) at(`${kind}-switch`).disabled = true;
}

// Do it when what was begun before is done; the end of it all is to show how things are.
function next(act) {
  const focused = document.activeElement;
  lock();
  const done = underWay.then(async () => {
    if (!isOver) await act();
    if (isOver) return;
    await show();
    if (document.activeElement === document.body) focused.focus(); // a button that was locked has lost it
  });
  underWay = done.catch(() => {}); // what failed holds nothing up
  return done;
}

function own(kind, track) {
  if (isOver) {
    track.stop();
    return;
  }
  tracks[kind] = track;
  faults[kind] = null;
  track.on(TrackEvent.Ended, () => next(() => lose(kind, track)));
}

function lose(kind, track) {
  if (tracks[kind] !== track) return;
  close(kind);
  faults[kind] = new Error(TAKEN_AWAY);
}

async function open(kind, deviceId = options(kind).deviceId) {
  try {
    own(kind, await make[kind]({ deviceId }));
  } catch (error) {
    tracks[kind] = null;
    faults[kind] = error;
  }
}

// One question for both; if the answer is no, one by one, to learn what it is that is missing.
async function openAll() {
  const wanted = KINDS.filter((kind) => isWanted[kind] && !tracks[kind]);
  if (wanted.length) at("no-picture").textContent = ASKING;
  if (wanted.length === 2) {
    try {
      const both = await createLocalTracks({ audio: options("microphone"), video: options("camera") });
      for (const track of both) own(track.kind === "audio" ? "microphone" : "camera", track);
      return;
    } catch {
      // each says its own below
    }
  }
  for (const kind of wanted) if (!isOver) await open(kind);
}

function close(kind) {
  tracks[kind]?.stop();
  tracks[kind] = null;
}

function listen() {
  clearInterval(levels);
  analyser?.cleanup();
  analyser = tracks.microphone && createAudioAnalyser(tracks.microphone);
  at("level").value = 0;
  if (analyser) levels = setInterval(() => (at("level").value = Math.min(1, analyser.calculateVolume() * 3)), LEVEL_MS);
}

async function show() {
  const film = at("mirror");
  if (tracks.camera) tracks.camera.attach(film);
  film.hidden = !tracks.camera;
  at("no-picture").textContent = faults.camera ? "There is no picture." : "The camera is off.";
  listen();
  for (const kind of KINDS) {
    const button = at(`${kind}-switch`);
    button.disabled = false;
    button.classList.toggle("off", !tracks[kind]);
    button.querySelector(".unseen").textContent = `Turn the ${kind} ${tracks[kind] ? "off" : "on"}`;
    await fill(at(kind), kind, tracks[kind]?.mediaStreamTrack.getSettings().deviceId ?? kept[kind]);
  }
  const missing = KINDS.filter((kind) => faults[kind]);
  const isOneReason = missing.length === 2 && faults.microphone.name === faults.camera.name;
  const told = isOneReason ? [deviceFault(faults.camera, ...missing)] : missing.map((kind) => deviceFault(faults[kind], kind));
  tell(told.join(" "), told.length > 0);
}

function tell(text, canTryAgain) {
  at("device-fault").textContent = text;
  at("device-fault").hidden = !text;
  at("again").hidden = !canTryAgain;
}

async function press(kind) {
  isWanted[kind] = !tracks[kind];
  if (isWanted.camera) at("no-picture").textContent = ASKING;
  faults[kind] = null;
  remember({ [`${kind}IsOff`]: !isWanted[kind] });
  if (isWanted[kind]) await open(kind);
  else close(kind);
}

async function choose(kind, deviceId) {
  remember({ [kind]: deviceId });
  if (!isWanted[kind]) return;
  close(kind);
  await open(kind, deviceId);
}

// The lobby is there again; have the devices on that are wanted, if there were any.
export function comeBack(hadDevices) {
  isOver = false;
  if (canLook) next(hadDevices ? openAll : () => {});
}

export async function begin(isViewer) {
  at("name").value ||= kept.name ?? "";
  if (!isViewer && !navigator.mediaDevices?.getUserMedia) {
    tell(INSECURE, false);
  } else if (!isViewer) {
    canLook = true;
    for (const kind of KINDS) {
      at(`${kind}-switch`).addEventListener("click", () => next(() => press(kind)));
      at(kind).addEventListener("change", ({ target }) => {
        const deviceId = target.value; // by its turn the choice may have been drawn anew
        next(() => choose(kind, deviceId));
      });
    }
    at("try-again").addEventListener("click", () => next(openAll));
    navigator.mediaDevices.addEventListener("devicechange", () => next(() => {}));
    await next(openAll);
  }
  if (navigator.mediaDevices) at("speaker-choice").hidden = !(await fill(at("speaker"), "speaker", kept.speaker));
}

// Hand over what is on: from now on it belongs to the room. What is being opened is waited for, but not for long.
export async function take() {
  lock();
  await Promise.race([underWay, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
  isOver = true;
  clearInterval(levels);
  analyser?.cleanup();
  analyser = null;
  const given = KINDS.map((kind) => tracks[kind]).filter(Boolean);
  tracks.camera?.detach(at("mirror"));
  tracks.microphone = tracks.camera = null;
  const chosen = Object.fromEntries(Object.keys(SOURCES).map((kind) => [kind, at(kind)?.value || undefined]));
  return { given, chosen };
}
