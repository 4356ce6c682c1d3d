// Before joining: the name, a look at oneself, and which devices are used. Whatever is missing, one can join without it.
import { fill, remember, remembered, SOURCES } from "./devices.js";
import { deviceFault, INSECURE } from "./words.js";

const { createAudioAnalyser, createLocalAudioTrack, createLocalTracks, createLocalVideoTrack } = globalThis.LivekitClient;
const at = (id) => document.getElementById(id);
const KINDS = ["microphone", "camera"];
const LEVEL_MS = 120;
const kept = remembered();
const tracks = { microphone: null, camera: null };
const isWanted = { microphone: !kept.microphoneIsOff, camera: !kept.cameraIsOff };
const faults = { microphone: null, camera: null };
let analyser = null;
let levels = 0;

const options = (kind) => ({ deviceId: at(kind).value || kept[kind] || undefined });
const make = { microphone: createLocalAudioTrack, camera: createLocalVideoTrack };

async function open(kind) {
  try {
    tracks[kind] = await make[kind](options(kind));
    faults[kind] = null;
  } catch (error) {
    tracks[kind] = null;
    faults[kind] = error;
  }
}

// One question for both; if the answer is no, one by one, to learn what it is that is missing.
async function openAll() {
  const wanted = KINDS.filter((kind) => isWanted[kind]);
  if (wanted.length === 2) {
    try {
      const [one, other] = await createLocalTracks({ audio: options("microphone"), video: options("camera") });
      [tracks.microphone, tracks.camera] = one.kind === "audio" ? [one, other] : [other, one];
      faults.microphone = faults.camera = null;
      return;
    } catch {
      // each says its own below
    }
  }
  for (const kind of wanted) await open(kind);
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
  faults[kind] = null;
  remember({ [`${kind}IsOff`]: !isWanted[kind] });
  if (isWanted[kind]) await open(kind);
  else close(kind);
  await show();
}

async function choose(kind) {
  remember({ [kind]: at(kind).value });
  if (!isWanted[kind]) return;
  close(kind);
  await open(kind);
  await show();
}

// Have the devices on again that are wanted.
export async function look() {
  await openAll();
  await show();
}

export async function begin(isViewer) {
  at("name").value ||= kept.name ?? "";
  if (!isViewer && !navigator.mediaDevices?.getUserMedia) {
    tell(INSECURE, false);
  } else if (!isViewer) {
    for (const kind of KINDS) {
      at(`${kind}-switch`).addEventListener("click", () => press(kind));
      at(kind).addEventListener("change", () => choose(kind));
    }
    at("try-again").addEventListener("click", async () => {
      for (const kind of KINDS) if (isWanted[kind] && !tracks[kind]) await open(kind);
      await show();
    });
    navigator.mediaDevices.addEventListener("devicechange", () => at("lobby").hidden || show());
    await look();
  }
  if (navigator.mediaDevices) at("speaker-choice").hidden = !(await fill(at("speaker"), "speaker", kept.speaker));
}

// Hand over what is on: from now on it belongs to the room.
export function take() {
  clearInterval(levels);
  analyser?.cleanup();
  analyser = null;
  const given = KINDS.map((kind) => tracks[kind]).filter(Boolean);
  tracks.camera?.detach(at("mirror"));
  tracks.microphone = tracks.camera = null;
  const chosen = Object.fromEntries(Object.keys(SOURCES).map((kind) => [kind, at(kind)?.value || undefined]));
  return { given, chosen };
}
