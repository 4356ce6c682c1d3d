// In the room: who is there, what is heard and seen, and the buttons.
import { choices } from "./devices.js";
import { draw } from "./tiles.js";
import { deviceFault, ending, NO_DEVICES, NO_MEDIA, TURNED_OFF, UNREACHABLE } from "./words.js";

const { ConnectionErrorReason, DisconnectReason, Room, RoomEvent, Track } = globalThis.LivekitClient;
const at = (id) => document.getElementById(id);
const REDRAWN_BY = [
  "ParticipantConnected", "ParticipantDisconnected", "ParticipantNameChanged", "TrackSubscribed", "TrackUnsubscribed", "TrackMuted",
  "TrackUnmuted", "TrackPublished", "TrackUnpublished", "LocalTrackPublished", "LocalTrackUnpublished", "ActiveSpeakersChanged", "Reconnected",
];

export function makeRoom({ chosen, notice, say, isViewer, over }) {
  const room = new Room({
    adaptiveStream: true,
    dynacast: true,
    audioCaptureDefaults: { deviceId: chosen.microphone },
    videoCaptureDefaults: { deviceId: chosen.camera },
    audioOutput: { deviceId: chosen.speaker },
  });
  const redraw = () => {
    const people = draw(room);
    at("here").textContent = people === 1 ? "Nobody else is here yet" : `${people} people`;
    buttons(room);
  };
  for (const name of REDRAWN_BY) room.on(RoomEvent[name], redraw);
  hear(room);
  room.on(RoomEvent.ParticipantConnected, (one) => say(`${one.name || one.identity} has joined.`));
  room.on(RoomEvent.ParticipantDisconnected, (one) => say(`${one.name || one.identity} has left.`));
  room.on(RoomEvent.RecordingStatusChanged, (isRecorded) => notice.changed(isRecorded));
  room.on(RoomEvent.DataReceived, (_data, sender, _kind, topic) => {
    if (!sender && topic === "rtcstack.recording") notice.look(); // the server's: somebody has paused it, or lets it go on
  });
  room.on(RoomEvent.Reconnecting, () => trouble("The connection was lost. Trying to get it back …"));
  room.on(RoomEvent.SignalReconnecting, () => trouble("The connection was lost. Trying to get it back …"));
  room.on(RoomEvent.Reconnected, () => trouble(""));
  room.on(RoomEvent.MediaDevicesError, (error, kind) => trouble(deviceFault(error, kind === "videoinput" ? "camera" : "microphone")));
  room.on(RoomEvent.TrackMuted, (publication, who) => {
    const button = at({ microphone: "mute", camera: "picture" }[publication.source]);
    // While one's own press is under way its button is disabled.
    if (who.isLocal && button && !button.disabled) trouble(TURNED_OFF[publication.source]);
  });
  room.on(RoomEvent.Disconnected, (reason) => {
    if (!at("call").hidden) over(ending(reason, DisconnectReason));
  });
  control(room, isViewer);
  return { room, redraw };
}

export function trouble(text) {
  at("trouble").textContent = text;
  at("trouble").hidden = !text;
}

// The sound of the others; a browser may want a press of a button before it plays any.
function hear(room) {
  const heard = new Map(); // by person and source: after a reconnection a track takes another's place
  const silence = (key) => {
    heard.get(key)?.track.detach();
    heard.get(key)?.element.remove();
    heard.delete(key);
  };
  const keyOf = (publication, participant) => `${participant.identity} ${publication.source}`;
  room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
    if (track.kind !== Track.Kind.Audio) return;
    const key = keyOf(publication, participant);
    silence(key);
    heard.set(key, { track, element: track.attach() });
    at("sounds").append(heard.get(key).element);
  });
  room.on(RoomEvent.TrackUnsubscribed, (track, publication, participant) => {
    const key = keyOf(publication, participant);
    if (heard.get(key)?.track === track) silence(key);
  });
  room.on(RoomEvent.AudioPlaybackStatusChanged, () => (at("sound-is-off").hidden = room.canPlaybackAudio));
  at("sound-on").onclick = () => room.startAudio();
}

function label(id, text, isOff) {
  const button = at(id);
  if (!button) return;
  button.querySelector("span").textContent = text;
  button.classList.toggle("off", isOff);
}

function buttons(room) {
  const me = room.localParticipant;
  label("mute", me.isMicrophoneEnabled ? "Mute" : "Unmute", !me.isMicrophoneEnabled);
  label("picture", me.isCameraEnabled ? "Camera off" : "Camera on", !me.isCameraEnabled);
  label("share", me.isScreenShareEnabled ? "Stop sharing" : "Share", false);
  at("share")?.classList.toggle("on", me.isScreenShareEnabled);
}

function control(room, isViewer) {
  const me = room.localParticipant;
  const acts = {
    mute: ["microphone", () => me.setMicrophoneEnabled(!me.isMicrophoneEnabled)],
    picture: ["camera", () => me.setCameraEnabled(!me.isCameraEnabled)],
    share: ["screen", () => me.setScreenShareEnabled(!me.isScreenShareEnabled, { audio: true })],
  };
  for (const [id, [kind, act]] of Object.entries(acts)) {
    if (!at(id)) continue;
    at(id).onclick = async () => {
      if (!navigator.mediaDevices) {
        trouble(NO_DEVICES);
        return;
      }
      at(id).disabled = true;
      try {
        await act();
        trouble("");
      } catch (error) {
        if (kind !== "screen" || error.name !== "NotAllowedError") trouble(deviceFault(error, kind)); // a choice that was called off is none
      }
      at(id).disabled = false;
      at(id).focus();
    };
  }
  if (at("share")) at("share").hidden = !navigator.mediaDevices?.getDisplayMedia;
  at("leave").onclick = () => room.disconnect();
  at("devices").onclick = async () => {
    await choices(room, at("chosen"), isViewer, (kind, error) => trouble(deviceFault(error, kind)));
    at("chooser").showModal();
  };
}

// Why one could not get in, in words.
export function refusal(error) {
  const text = error.message.toLowerCase();
  if (text.includes("pc connection")) return NO_MEDIA;
  if (error.reason === ConnectionErrorReason.NotAllowed) return `The room refused: ${error.message}`;
  return UNREACHABLE;
}
