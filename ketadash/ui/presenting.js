// The keys of a presentation, and its small arrows.

const TURN = { ArrowRight: "next", PageDown: "next", " ": "next", Spacebar: "next", ArrowLeft: "previous",
  PageUp: "previous", Escape: "leave" };

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  const go = (where) => setTriggerValue("turned", where);
  for (const button of parentElement.querySelectorAll("button")) {
    const where = button.dataset.go;
    button.title = data.words[where];
    button.setAttribute("aria-label", data.words[where]);
    button.disabled = data.ends.includes(where);
    button.onclick = () => go(where);
  }
  parentElement.querySelector("span").textContent = data.place;
  const heard = (event) => {
    const where = TURN[event.key];
    if (!where || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.key === " " && event.target.closest?.("button")) return; // the button's own press
    event.preventDefault();
    if (!data.ends.includes(where)) go(where);
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}
