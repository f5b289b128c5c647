// The keys of a presentation, and its small arrows.
//
// One turn is asked for at a time, and each says from where: the server takes a turn from a slide that it has left for
// none.  Presses meanwhile wait here, so that two quick ones are two slides; a key held down is not many presses, and
// turns as fast as slides come.

const TURN = { ArrowRight: "next", PageDown: "next", " ": "next", Spacebar: "next", ArrowLeft: "previous",
  PageUp: "previous", Escape: "leave" };
const MOST = 5; // presses that wait
const PATIENCE = 10000; // ms after which a turn that nothing came of is no longer waited for

function stage() {
  if (window.ketadashStage) return window.ketadashStage;
  // `shown` is what the slide on screen takes turns with; between two slides there is none.
  const self = { shown: null, asked: 0, waiting: [] };
  document.addEventListener("keydown", (event) => heard(self, event));
  window.ketadashStage = self;
  return self;
}

function underWay(self) {
  return Date.now() - self.asked < PATIENCE;
}

function heard(self, event) {
  const where = TURN[event.key];
  if (!where || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (!self.shown && !underWay(self)) return; // nobody presents
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (event.key === " " && event.target.closest?.("button")) return; // the button's own press
  event.preventDefault();
  turn(self, where, event.repeat);
}

function turn(self, where, repeated) {
  if (self.shown && !underWay(self)) {
    ask(self, where);
  } else if (where === "leave") {
    self.waiting = [where];
  } else if (!repeated && self.waiting.length < MOST && self.waiting[0] !== "leave") {
    self.waiting.push(where);
  }
}

function ask(self, where) {
  if (self.shown.ends.includes(where)) return;
  self.asked = where === "leave" ? 0 : Date.now();
  self.shown.send({ turn: where, from: self.shown.at });
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  const self = stage();
  const shown = { at: data.at, ends: data.ends, send: (value) => setTriggerValue("turned", value) };
  if (self.shown?.at !== data.at) self.asked = 0; // what was asked for has come
  self.shown = shown;
  if (!underWay(self) && self.waiting.length) turn(self, self.waiting.shift(), false);
  for (const button of parentElement.querySelectorAll("button")) {
    const where = button.dataset.go;
    button.title = data.words[where];
    button.setAttribute("aria-label", data.words[where]);
    button.disabled = data.ends.includes(where);
    button.onclick = () => turn(self, where, false);
  }
  parentElement.querySelector("span").textContent = data.place;
  return () => {
    if (self.shown === shown) self.shown = null;
  };
}
