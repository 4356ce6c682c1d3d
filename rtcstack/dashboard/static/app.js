// What every page does: hear of changes, let clocks run, say what happened.
import "./live.js";
import "./clocks.js";
import "./said.js";
import "./copy.js";

if (document.querySelector("video[data-link]")) import("./film.js");
if (document.querySelector(".player")) import("./player.js");

// Some fields have to be filled in with the choice that they belong to, others can be with theirs alone.
function depend(form) {
  for (const field of form.querySelectorAll("[data-with]")) field.required = document.getElementById(field.dataset.with).checked;
  for (const field of form.querySelectorAll("[data-only-with]")) field.disabled = !document.getElementById(field.dataset.onlyWith).checked;
}

document.body.addEventListener("change", ({ target }) => target.form && depend(target.form));
for (const form of document.forms) depend(form);

document.body.addEventListener("change", ({ target }) => {
  if (target.form?.matches("[data-submit-on-change]")) target.form.requestSubmit();
});
