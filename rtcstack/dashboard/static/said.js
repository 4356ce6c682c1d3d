// What became of a change: a sentence at the edge of the page, which screen readers read as well.
const place = document.getElementById("said");
let ending = 0;

function say(text, isFault) {
  place.textContent = text;
  place.classList.toggle("fault", isFault);
  place.classList.add("shown");
  clearTimeout(ending);
  ending = setTimeout(() => place.classList.remove("shown"), isFault ? 12000 : 5000);
}

document.body.addEventListener("said", (event) => say(event.detail.value, false));
document.body.addEventListener("refused", (event) => say(event.detail.value, true));
document.body.addEventListener("htmx:sendError", () => say("The server does not answer.", true));
if (place.textContent) say(place.textContent, false);

// A page that took the place of another is read from its beginning: what stood there, its button as well, is gone.
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "main") document.getElementById("main").focus({ preventScroll: true });
});

// A form that made something is empty again.
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.matches("form.cut")) event.target.elements.label.value = "";
});
