// Buttons that copy what stands in another element. They say so for a moment, and are what they were then.
const SAID_MS = 2000;
const saying = new WeakSet();

function answer(button, word, sentence) {
  document.body.dispatchEvent(new CustomEvent("said", { detail: { value: sentence } }));
  if (saying.has(button)) return;
  const before = [...button.childNodes];
  saying.add(button);
  button.replaceChildren(word);
  setTimeout(() => {
    saying.delete(button);
    button.replaceChildren(...before);
  }, SAID_MS);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const from = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(from.value ?? from.textContent);
    answer(button, "Copied", "Copied.");
  } catch {
    from.select?.();
    answer(button, "Press Ctrl-C", "It is selected: press Ctrl-C to copy it.");
  }
});
