// What every page does: hear of changes, let clocks run, say what happened.
import "./live.js";
import "./clocks.js";
import "./said.js";
import "./copy.js";

if (document.querySelector("video[data-link]")) import("./film.js");
if (document.querySelector(".player")) import("./player.js");

// Some fields have to be filled in with the choice that they belong to.
document.body.addEventListener("change", ({ target }) => {
  for (const field of target.form?.querySelectorAll("[data-with]") ?? []) field.required = document.getElementById(field.dataset.with).checked;
});

for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  form.addEventListener("change", () => form.requestSubmit());
}
