// What became of a change: a sentence at the edge of the page, which screen readers read as well.
const place = document.getElementById("said");
const CARRIED = "rtcstack said";
let ending = 0;
let underWay = 0; // changes that have not been answered
let isLeaving = false;
let pressed = []; // ids of what was pressed, and of what it belongs to

function say(text, isFault) {
  if (place.textContent !== text || !place.classList.contains("shown")) place.textContent = text; // or it is read out again
  place.classList.toggle("fault", isFault);
  place.classList.add("shown");
  clearTimeout(ending);
  ending = setTimeout(() => place.classList.remove("shown"), isFault ? 12000 : 5000);
}

document.body.addEventListener("said", (event) => say(event.detail.value, false));
document.body.addEventListener("refused", (event) => say(event.detail.value, true));
// The field that is wrong is where one goes on.
document.body.addEventListener("wrong", ({ target, detail }) => {
  const field = target.elements?.namedItem(detail.value);
  field?.setAttribute?.("aria-invalid", "true");
  field?.focus?.();
});
document.body.addEventListener("input", ({ target }) => target.removeAttribute("aria-invalid"));
document.body.addEventListener("stale", () => clearTimeout(ending)); // that one stays
document.body.addEventListener("htmx:sendError", () => say("The server does not answer.", true));
if (place.textContent) say(place.textContent, false);

const carried = JSON.parse(sessionStorage.getItem(CARRIED));
sessionStorage.removeItem(CARRIED);
if (carried && carried.page === location.href) {
  if (carried.text) say(carried.text, carried.isFault);
  pressed = carried.at ?? [];
  goOn();
}

// Loads the page anew, once every change is answered. What was just said, the next page says too, and the focus stays.
export function reload() {
  isLeaving = true;
  if (underWay) return;
  const { id } = document.activeElement;
  const told = { page: location.href, isFault: place.classList.contains("fault"), at: id ? [id] : pressed };
  if (place.classList.contains("shown")) told.text = place.textContent;
  sessionStorage.setItem(CARRIED, JSON.stringify(told));
  location.reload();
}

// A button that is disabled while it is answered loses the focus, and what comes of it may take it away: whoever goes by keyboard
// goes on at the button, or at what it belongs to.
function goOn() {
  if (document.activeElement !== document.body) return;
  const found = pressed.map((id) => document.getElementById(id)).filter(Boolean);
  if (underWay && found[0]?.disabled) return; // its answer gives it back
  const there = found.find((one) => !one.disabled);
  if (there?.matches("h2")) there.tabIndex = -1;
  there?.focus({ preventScroll: true });
}

function places(button) {
  const row = button?.closest("li")?.querySelector("a[id]");
  return [button, row, button?.closest("section")?.querySelector("h2")].map((one) => one?.id).filter(Boolean);
}

document.body.addEventListener("htmx:afterSettle", goOn);
document.addEventListener("focusin", ({ target }) => pressed.includes(target.id) || (pressed = []));
document.addEventListener("pointerdown", () => (pressed = []));

// htmx tells a form what became of it. Another one may have taken its place meanwhile, as the page is live: then it is told here.
document.body.addEventListener("htmx:beforeSend", ({ detail: { xhr, elt, requestConfig } }) => {
  if (requestConfig.verb === "get") return;
  underWay += 1;
  pressed = places(requestConfig.triggeringEvent?.submitter);
  xhr.addEventListener("error", () => elt.isConnected || say("The server does not answer.", true));
  xhr.addEventListener("loadend", () => {
    underWay -= 1;
    const told = elt.isConnected ? {} : JSON.parse(xhr.getResponseHeader("hx-trigger") ?? "{}");
    for (const [name, value] of Object.entries(told)) document.body.dispatchEvent(new CustomEvent(name, { detail: { value } }));
    if (xhr.getResponseHeader("hx-redirect")) isLeaving = false; // to another page
    if (isLeaving) reload();
    else goOn();
  });
});

// A page that took the place of another is read from its beginning: what stood there, its button as well, is gone.
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "main") document.getElementById("main").focus({ preventScroll: true });
});

// A form that made something is empty again.
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.matches("form.cut")) event.target.elements.label.value = "";
});
