// Which cameras, microphones and speakers there are, and which of them is used.
import { NO_DEVICES } from "./words.js";

const { Room } = globalThis.LivekitClient;
const KEPT = "rtcstack.join";
export const SOURCES = { microphone: "audioinput", camera: "videoinput", speaker: "audiooutput" };
const NO_CHOICE = "This browser leaves no choice.";
const WORDS = { microphone: "Microphone", camera: "Camera", speaker: "Speaker" };
const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;

// What somebody chose the last time; in another site's frame a browser may keep nothing.
export function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

export function remember(change) {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...remembered(), ...change }));
  } catch {
    // then it is asked for again
  }
}

// Fill a choice; return whether there is anything to choose.
export async function fill(select, kind, chosen) {
  const found = (await Room.getLocalDevices(SOURCES[kind], false)).filter((one) => one.deviceId);
  const options = found.map((one, index) => new Option(one.label || `${WORDS[kind]} ${index + 1}`, one.deviceId));
  select.replaceChildren(...(options.length ? options : [new Option("–", "")]));
  if (found.some((one) => one.deviceId === chosen)) select.value = chosen;
  select.disabled = !options.length;
  return options.length > 0 && (kind !== "speaker" || canChooseSpeaker);
}

// The same choices while somebody is in the room.
export async function choices(room, place, isViewer, refused) {
  if (!navigator.mediaDevices) {
    place.textContent = isViewer ? NO_CHOICE : NO_DEVICES;
    return;
  }
  const kinds = Object.keys(SOURCES).filter((kind) => (kind === "speaker" ? canChooseSpeaker : !isViewer));
  const rows = [];
  for (const kind of kinds) {
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.id = `choose-${kind}`;
    label.htmlFor = select.id;
    label.textContent = WORDS[kind];
    await fill(select, kind, room.getActiveDevice(SOURCES[kind]));
    select.addEventListener("change", async () => {
      try {
        await room.switchActiveDevice(SOURCES[kind], select.value);
        remember({ [kind]: select.value });
      } catch (error) {
        refused(kind, error);
      }
    });
    rows.push(label, select);
  }
  place.replaceChildren(...rows);
  if (!rows.length) place.textContent = NO_CHOICE;
}
