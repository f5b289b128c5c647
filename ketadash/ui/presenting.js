// The keys of a presentation, and its small arrows.

const TURN = { ArrowRight: "next", PageDown: "next", " ": "next", Spacebar: "next", ArrowLeft: "previous",
  PageUp: "previous", Escape: "leave" };

const states = new WeakMap(); // Streamlit calls again for each run; the listener is one, and sees the newest data

function heard(state, event) {
  const where = TURN[event.key];
  if (!where || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (event.key === " " && event.target.closest?.("button")) return; // the button's own press
  event.preventDefault();
  if (!state.data.ends.includes(where)) state.go(where);
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  const known = states.get(parentElement);
  const state = known ?? {};
  Object.assign(state, { data, go: (where) => setTriggerValue("turned", where) });
  if (!known) {
    states.set(parentElement, state);
    state.heard = (event) => heard(state, event);
    document.addEventListener("keydown", state.heard);
  }
  for (const button of parentElement.querySelectorAll("button")) {
    const where = button.dataset.go;
    button.title = data.words[where];
    button.setAttribute("aria-label", data.words[where]);
    button.disabled = data.ends.includes(where);
    button.onclick = () => state.go(where);
  }
  parentElement.querySelector("span").textContent = data.place;
  return () => {
    document.removeEventListener("keydown", state.heard);
    states.delete(parentElement);
  };
}
