// What the page says to people.
// Why devices are not there: the names are those of the standard (Media Capture and Streams, getUserMedia).
export function deviceFault(error, ...kinds) {
  const kind = kinds.join(" and the ");
  const [is, one, it] = kinds.length > 1 ? ["are", "them", "them"] : ["is", "one", "it"];
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return `The browser was not allowed to use the ${kind}. Allow it at the address bar and try again, or join without ${it}.`;
    case "NotFoundError":
    case "OverconstrainedError":
      return `No ${kinds.join(" and no ")} was found. Plug ${one} in and try again, or join without ${it}.`;
    case "NotReadableError":
    case "AbortError":
      return `The ${kind} ${is} in use by another program. Close that one and try again, or join without ${it}.`;
    default:
      return `The ${kind} cannot be used: ${error.message}`;
  }
}

// Why others have nothing of a device that works: the kind of a track, and what went wrong.
export function unsent(kind, error) {
  const [whom, button] = kind === "video" ? ["see", "Camera on"] : ["hear", "Unmute"];
  return `The others do not ${whom} you (${error.message}). “${button}” tries again.`;
}

// What was turned off by somebody else, by LiveKit's names of the sources.
export const TURNED_OFF = {
  microphone: "Somebody who looks after this room has muted you: the others do not hear you. “Unmute” lets you speak again.",
  camera: "Somebody who looks after this room has turned off your camera. “Camera on” shows you again.",
};
export const ASKING = "Waiting for the devices. If the browser asks whether this page may use them, allow it.";
export const TAKEN_AWAY = "it was unplugged, or is no longer allowed.";
export const NO_DEVICES = "Browsers allow camera and microphone over https:// only, and on this machine itself.";
export const INSECURE = `${NO_DEVICES} You can join without them: you see and hear the others.`;
export const UNSUPPORTED = "This browser cannot take part in video rooms. Open the link in another one.";
export const UNREACHABLE = "The server does not answer. Is there a connection to the network?";
export const NO_MEDIA = "The room answers, but sound and picture do not get through. A firewall may be in between.";

const NOTICES = {
  on: ["Recording", "This room is being recorded."],
  paused: ["Recording paused", "It goes on as soon as somebody resumes it."],
};
export const BEFORE = {
  on: ["Recording", "This room is being recorded. Whoever joins is in the recording."],
  paused: ["Recording paused", "It goes on as soon as somebody resumes it."],
};
export const notice = (state, isInside) => (isInside ? NOTICES : BEFORE)[state];
export const RECORDING_IS = { on: "The room is being recorded.", paused: "The recording is paused.", off: "The recording has ended." };

// Why it is over: [title, text, whether to offer another try].
export function ending(reason, reasons) {
  const found = {
    [reasons.CLIENT_INITIATED]: ["You have left", "", true],
    [reasons.DUPLICATE_IDENTITY]: ["You are here twice", "You have joined from another window; it goes on there.", true],
    [reasons.PARTICIPANT_REMOVED]: ["You were removed from the room", "Somebody who runs it has removed you.", false],
    [reasons.ROOM_DELETED]: ["The room was closed", "It is over for everybody.", false],
    [reasons.ROOM_CLOSED]: ["The room was closed", "It is over for everybody.", false],
    [reasons.SERVER_SHUTDOWN]: ["The server was stopped", "Try again in a moment.", true],
  };
  return found[reason] ?? ["The connection was lost", "It could not be made again. Is there a connection to the network?", true];
}

export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...word][0].toLocaleUpperCase()).join("");
}
