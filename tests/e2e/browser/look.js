// Returns what somebody could not read or use on this page (WCAG 2.2 AA: 1.4.3, 1.4.10, 2.1.1, 2.4.6, 3.3.2, 4.1.2).
const faults = [];
for (const details of document.querySelectorAll("details")) details.open = true;
const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
const over = ([r, g, b, a = 1], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const ratio = (one, other) => {
  const [low, high] = [light(one), light(other)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};
const ground = (element) => {
  if (!element) return [255, 255, 255];
  const own = numbers(getComputedStyle(element).backgroundColor);
  return (own[3] ?? 1) === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
};
const name = (e) => `${e.tagName.toLowerCase()}${e.id ? `#${e.id}` : ""}.${e.className} “${(e.innerText || "").trim().slice(0, 30)}”`;
const isSeen = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".unseen, .skip, [aria-hidden=true]");

for (const element of document.querySelectorAll("body *")) {
  const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!hasText || !isSeen(element) || element.matches("option, video, .poster *")) continue;
  const found = ratio(over(numbers(getComputedStyle(element).color), ground(element)), ground(element));
  if (found < 4.5) faults.push(`contrast ${found.toFixed(2)}: ${name(element)}`);
}
for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, meter, progress, a")) {
  const label = field.getAttribute("aria-label") || field.textContent || [...(field.labels ?? [])].map((l) => l.innerText).join("");
  if (!label.trim() && !field.closest("[aria-hidden=true]") && !field.matches("[aria-hidden=true]")) faults.push(`no label: ${name(field)}`);
}
const byKeys = "a[href], button, input, select, textarea, summary, label";
for (const element of document.querySelectorAll("body *")) {
  if (getComputedStyle(element).cursor !== "pointer" || element.closest(byKeys) || element.closest("[aria-hidden=true]")) continue;
  if (isSeen(element)) faults.push(`not for the keyboard: ${name(element)}`);
}
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
for (const id of new Set(ids.filter((one, n) => ids.indexOf(one) !== n))) faults.push(`twice: #${id}`);
if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
for (const image of document.querySelectorAll("img:not([alt])")) faults.push(`no alt: ${image.src}`);
if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the window by ${document.documentElement.scrollWidth - innerWidth}`);
return faults;
