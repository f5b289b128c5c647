// Pictures of neighbouring states, sent before they are asked for (prefetched_pictures.py), drawn as soon as a control moves.
// The server is asked all the same: its answer replaces what is shown here, and where none comes the picture goes back.

const PATIENCE = 1500; // ms after which a picture for which the server has said nothing goes back
const store = (window.ketadashAhead ??= begin());

function begin() {
  const self = { parts: new Map(), arrived: true, dragged: null, shown: null, state: null };
  for (const kind of ["click", "keydown", "input"])
    document.addEventListener(kind, ({ target }) => look(controlOf(target)), true);
  document.addEventListener("pointerdown", ({ target }) => (self.dragged = controlOf(target)), true);
  document.addEventListener("pointermove", () => self.dragged && look(self.dragged), true);
  for (const kind of ["pointerup", "pointercancel"])
    document.addEventListener(kind, () => (look(self.dragged), (self.dragged = null)), true);
  // Once another run is asked for, what was sent is of a state that is past.
  new MutationObserver((records) => {
    if (records.some((r) => r.attributeName === "data-test-script-state")) self.arrived = script() === "notRunning";
    else if (self.dragged) look(self.dragged); // the thumb may be told of a move only after the next frame
  }).observe(document.body, { subtree: true, attributeFilter: ["data-test-script-state", "aria-valuetext"] });
  return self;
}

const app = () => document.querySelector("[data-testid=stApp]")?.dataset ?? {};
const script = () => app().testScriptState;

function controlOf(target) {
  for (const { controls } of store.parts.values())
    for (const name of controls) {
      const box = target.closest?.(`.st-key-${name}`);
      if (box) return { name, box };
    }
  return null;
}

// What the control says once it has been told of the click itself: mostly at once, a dragged thumb with the next frame.
function look(control) {
  if (!control || !store.arrived || app().testConnectionState !== "CONNECTED") return;
  setTimeout(() => read(control));
  requestAnimationFrame(() => read(control));
}

function read({ name, box }) {
  const range = box.querySelector("input[type=range]");
  const checked = [...box.querySelectorAll("[role=radio]")].findIndex((b) => b.ariaChecked === "true");
  const word = range ? range.getAttribute("aria-valuetext") : String(checked);
  if (!store.arrived || (store.shown?.name === name && store.shown.word === word)) return;
  for (const { state, controls, here, states, narrow } of store.parts.values()) {
    if (state !== store.state || !controls.includes(name)) continue; // of a state that is past
    if (here.includes(word)) back();
    else if (states[word]) return show({ name, word }, states[word], narrow, range !== null);
  }
}

function show(shown, pictures, narrow, dial) {
  const nodes = [...document.querySelectorAll(".ketadash-plot")];
  now(shown);
  store.since = performance.now();
  store.timer ??= setInterval(settle, 250);
  // Under a hand that moves, the first is on screen before the next is drawn; else all are there together, and sooner.
  (function next() {
    const node = store.shown === shown ? nodes.shift() : null;
    if (!node) return;
    const key = Object.keys(pictures).find((name) => node.closest(`.st-key-${name}`));
    if (key) node.ketadash?.ahead(pictures[key], narrow);
    else node.ketadash?.back(); // what the word shown before has changed and this one does not
    if (key && dial) requestAnimationFrame(() => requestAnimationFrame(next));
    else next();
  })();
}

// What is shown ahead of the server; the words of the page, which wait for it, are dimmed if it takes a while.
function now(shown) {
  store.shown = shown;
  document.body.classList.toggle("ketadash-ahead", shown !== null);
}

// The server has answered, or never will.
function settle() {
  if (store.dragged || script() !== "notRunning" || performance.now() - store.since < PATIENCE) return;
  clearInterval(store.timer);
  store.timer = null;
  back();
}

function back() {
  for (const node of document.querySelectorAll(".ketadash-plot")) node.ketadash?.back();
  now(null);
}

export default function ({ data: sent, parentElement }) {
  if (!sent) return;
  const [data] = sent;
  store.parts.set(parentElement, data);
  store.state = data.state;
  store.arrived = true;
  now(null);
  return () => store.parts.delete(parentElement);
}
