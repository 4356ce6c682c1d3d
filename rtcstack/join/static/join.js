// A link, opened: first the lobby, then the room, then what became of it.
import { makeRoom, refusal, trouble } from "./call.js";
import { remember } from "./devices.js";
import { begin, comeBack, take } from "./lobby.js";
import { Notice } from "./notice.js";
import { UNREACHABLE, unsent, UNSUPPORTED } from "./words.js";

const { isBrowserSupported, setLogLevel } = globalThis.LivekitClient;
const at = (id) => document.getElementById(id);
const base = `/join/${encodeURIComponent(document.body.dataset.link)}`;
const isViewer = document.body.dataset.role === "viewer";
let identity = ""; // as whom one was admitted: the server goes on answering those inside when their link has expired
let given = []; // the tracks of one's own devices

function show(name) {
  for (const part of ["lobby", "call", "over"]) at(part).hidden = part !== name;
  document.body.dataset.at = name;
}

function say(text) {
  at("said").textContent = text;
}

async function askState() {
  try {
    const answer = await fetch(`${base}/state?${new URLSearchParams({ identity })}`);
    if (answer.status === 404 && !at("lobby").hidden) location.reload(); // it says why
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // asked again in a moment
  }
}

async function enter(name) {
  let answer;
  try {
    answer = await fetch(`${base}/enter`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name }),
    });
  } catch {
    throw new Error(UNREACHABLE);
  }
  const body = await answer.json().catch(() => null); // what stands in between may answer with a page of its own
  if (!answer.ok || !body) throw new Error(body?.error?.message ?? UNREACHABLE);
  return body;
}

function refuse(text) {
  at("fault").textContent = text;
  at("fault").hidden = !text;
}

const notice = new Notice(askState, say);

function over([title, text, canTryAgain]) {
  for (const track of given) track.stop(); // also one that was not sent yet
  show("over");
  notice.over();
  at("here").textContent = "";
  at("over-title").textContent = title;
  at("over-text").textContent = text;
  at("over-again").hidden = !canTryAgain;
  at("over-title").focus();
}

async function send(room, track) {
  try {
    await room.localParticipant.publishTrack(track);
  } catch (error) {
    track.stop();
    trouble(unsent(track.kind, error));
  }
}

async function join() {
  const admitted = await enter(at("name").value);
  identity = admitted.identity;
  remember({ name: admitted.name });
  const taken = await take();
  given = taken.given;
  const { chosen } = taken;
  const { room, redraw } = makeRoom({ chosen, notice, say, isViewer, over });
  try {
    await room.connect(admitted.url, admitted.token);
  } catch (error) {
    for (const track of given) track.stop();
    comeBack(given.length > 0);
    await enter(admitted.name); // LiveKit gives no reason: this one does if the room is full or closed by now
    throw new Error(refusal(error), { cause: error });
  }
  show("call");
  notice.inside(room.isRecording);
  redraw();
  at("leave").focus();
  await Promise.all(given.map((track) => send(room, track)));
  redraw();
}

at("lobby").addEventListener("submit", async (event) => {
  event.preventDefault();
  refuse("");
  at("join").disabled = true;
  at("join").textContent = "Joining …";
  try {
    await join();
  } catch (error) {
    refuse(error.message);
  }
  at("join").disabled = false;
  at("join").textContent = "Join";
});
at("rejoin").addEventListener("click", () => location.reload());

setLogLevel("warn");
show("lobby");
if (isBrowserSupported()) {
  await begin(isViewer);
} else {
  refuse(UNSUPPORTED);
  at("join").disabled = true;
}
