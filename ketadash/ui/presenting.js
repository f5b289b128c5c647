// The keys of a presentation, its small buttons, and what lies over a slide: the list of slides, the keys, the blank.
//
// One turn is asked for at a time, and each says from where: the server takes a turn from a slide that it has left for
// none.  Presses meanwhile wait here, so that two quick ones are two slides; a key held down is not many presses, and
// turns as fast as slides come.  What needs no other slide (list, keys, blank, full screen) is done here, at once.

const TURN = { ArrowRight: "next", PageDown: "next", " ": "next", Spacebar: "next", ArrowLeft: "previous",
  PageUp: "previous", Home: "first", End: "last", m: "rule", l: "list", b: "blank", ".": "blank", f: "full",
  "?": "keys", Escape: "leave" };
const HERE = ["list", "keys", "blank", "full"]; // needs no other slide
const ONCE = ["to", "first", "last", "number", "rule"]; // however long the key is held
const MOST = 5; // presses that wait
const MOST_DIGITS = 3;
// A press is sent again so many times, after so many looks (ms apart) at a page that rests, or at one that never does:
// a picture that grows runs a part of the page again and again.
const AGAIN = 4, LOOK = 200, RESTED = 5, RESTLESS = 25;
const PATIENCE = 60000; // ms after which a turn that nothing came of is no longer waited for, be the page at rest or not

function stage() {
  if (window.ketadashStage) return window.ketadashStage;
  // `shown` is what the slide on screen takes turns with; between two slides there is none.  `asked` is when a turn was
  // asked for that has not come, `left` the slide (with its step and rule) that it is to leave.  `over` is what lies over
  // the slide, `later` what will once there is a list of slides, `typed` the number of a slide as far as it is written.
  const self = { shown: null, live: [], asked: 0, left: "", waiting: [], over: "", later: "", typed: "" };
  document.addEventListener("keydown", (event) => heard(self, event));
  document.addEventListener("fullscreenchange", () => paint(self));
  window.ketadashStage = self;
  for (const key of window.ketadashEarly?.splice(0) ?? []) pressed(self, named(key), false);
  return self;
}

function underWay(self) {
  return Date.now() - self.asked < PATIENCE;
}

function heard(self, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  // Between two runs of the page there may be no component for a moment: its slide is there, and the press waits.
  if (!self.shown && !underWay(self) && !document.querySelector(".st-key-slide")) return; // nobody presents
  const at = event.composedPath()[0];
  if (at.closest?.("input, textarea, select, [contenteditable]")) return;
  const key = named(event.key);
  if (self.over !== "blank" && [" ", "Enter"].includes(key) && at.closest?.("button") && !self.typed) return; // its own
  if (!pressed(self, key, event.repeat)) return;
  event.preventDefault();
}

const named = (key) => (key.length === 1 ? key.toLowerCase() : key);

// Whether a key means anything here.
function pressed(self, key, repeated) {
  const what = TURN[key];
  if (self.over === "blank") {
    if (!what && key !== "Enter") return false;
    if (!repeated) lay(self, "");
    return true;
  }
  if (self.over === "list" && moved(self, key)) return true;
  if (/^\d$/.test(key) || (self.typed && ["Enter", "Backspace"].includes(key))) return number(self, key);
  const was = self.typed;
  self.typed = "";
  if (what !== "list") self.later = "";
  if (was) paint(self);
  if (!what) return false;
  if (what === "leave" && (self.over || was || document.fullscreenElement)) {
    if (self.over) lay(self, "");
    else if (!was) document.exitFullscreen();
  } else if (!HERE.includes(what)) turn(self, what, repeated);
  else if (!repeated) here(self, what);
  return true;
}

function number(self, key) {
  if (key === "Enter") {
    const place = Number(self.typed);
    self.typed = "";
    paint(self);
    turn(self, "number", false, place);
  } else {
    self.typed = key === "Backspace" ? self.typed.slice(0, -1) : (self.typed + key).slice(-MOST_DIGITS);
    paint(self);
  }
  return true;
}

function here(self, what) {
  if (what === "list" && !self.shown?.slides.length) self.later = self.later ? "" : what; // between two slides
  else if (what !== "full") lay(self, self.over === what ? "" : what);
  else if (document.fullscreenElement) document.exitFullscreen();
  else if (document.fullscreenEnabled) document.documentElement.requestFullscreen().catch(() => refused(self));
  else refused(self);
}

function refused(self) {
  paint(self, self.shown?.words.no_full);
}

function turn(self, where, repeated, to) {
  if (repeated && ONCE.includes(where)) return;
  if (self.shown && !underWay(self)) {
    ask(self, where, to);
  } else if (where === "leave") {
    self.waiting = [[where]];
  } else if (!repeated && self.waiting.length < MOST && self.waiting[0]?.[0] !== "leave") {
    self.waiting.push([where, to]);
  }
  // A slide drawn anew takes the next (below); this is for one that comes back as it was, or never.
  if (self.waiting.length) self.looking ??= setInterval(() => look(self), LOOK);
}

function look(self) {
  if (!self.shown && !document.querySelector(".st-key-slide") && resting()) self.waiting = []; // nobody presents
  if (self.shown && !underWay(self)) next(self);
  if (!self.waiting.length) self.looking = clearInterval(self.looking);
}

function next(self) {
  if (underWay(self) || !self.waiting.length) return;
  const [where, to] = self.waiting.shift();
  turn(self, where, false, to);
}

// Only here is there a slide for certain, with the list of all, and is it the one that the presses before have led to.
function ask(self, asked, place) {
  const { shown } = self, { slides } = shown;
  const [where, to] = { first: ["to", slides[0]?.page], last: ["to", slides.at(-1)?.page],
    number: ["to", slides[place - 1]?.page] }[asked] ?? [asked, place];
  if (asked === "number" && !to) return paint(self, shown.words.none);
  if (where === "to" && (!to || to === shown.page)) return lay(self, "");
  if (shown.ends.includes(where)) return;
  if (where === "rule" && !shown.rule) return paint(self, shown.words.no_rule);
  lay(self, "");
  self.asked = where === "leave" ? 0 : Date.now();
  self.left = where === "leave" ? "" : shown.stands;
  if (where === "leave" && document.fullscreenElement) document.exitFullscreen();
  if (where === "rule") window.ketadashFlip?.show(shown.at, shown.root.querySelector("[data-go=rule]"));
  const press = { turn: where, from: shown.at, ...(to ? { to } : {}) };
  shown.send(press);
  again(self, press, AGAIN);
}

// A press can get lost on its way: Streamlit drops one that comes in the moment in which another run begins.  It says
// from where it was, so that one that comes twice turns once.  Its turn can get lost too, when a message of the slide
// before comes after it: that slide is drawn anew then, with another token (`at`), and stands where it stood.
function again(self, press, times) {
  const asked = self.asked;
  let rested = 0, looks = 0;
  const timer = setInterval(() => {
    const { shown } = self; // none while a run draws the slide anew, and none once the presentation was left
    const come = press.turn === "leave" ? !shown && resting() : !underWay(self) || (shown && shown.stands !== self.left);
    if (!underWay(self) && self.asked === asked) window.ketadashFlip?.end(); // nobody answers any more
    if (self.asked !== asked || come) {
      if (come && self.asked === asked) self.asked = 0;
      return clearInterval(timer);
    }
    rested = shown && resting() ? rested + 1 : 0;
    looks += 1;
    if (rested < RESTED && !(shown && looks >= RESTLESS)) return;
    clearInterval(timer);
    if (!times) {
      self.asked = 0; // the keys take another
      return window.ketadashFlip?.end();
    }
    const anew = { ...press, from: shown.at };
    shown.send(anew);
    again(self, anew, times - 1);
  }, LOOK);
}

function resting() {
  return document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
}

// --- what lies over the slide ---------------------------------------------------------------------------------------

function lay(self, over) {
  if (self.over === over || (over === "list" && !self.shown?.slides.length)) return;
  self.over = over;
  paint(self);
  const root = self.shown?.root;
  if (over === "list") (root?.querySelector("[aria-current]") ?? root?.querySelector("li button"))?.focus();
  else if (over) root?.querySelector(`.ketadash-over.${over}`)?.focus();
}

// The arrows in the list of slides.
function moved(self, key) {
  const buttons = [...self.shown?.root.querySelectorAll("li button") ?? []];
  const at = buttons.indexOf(self.shown?.root.getRootNode().activeElement);
  const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0,
    End: buttons.length - 1 }[key];
  if (to === undefined) return false;
  buttons[Math.max(0, Math.min(to, buttons.length - 1))]?.focus();
  return true;
}

// What is over the slide, and what the place says: a number being written, a word, or where the presentation stands.
function paint(self, word = "") {
  const { shown } = self;
  if (!shown) return;
  for (const over of shown.root.querySelectorAll(".ketadash-over")) over.hidden = !over.classList.contains(self.over);
  const full = shown.root.querySelector("[data-go=full]");
  full.hidden = !document.fullscreenEnabled;
  const place = shown.root.querySelector("[role=status]");
  place.textContent = word || (self.typed ? `${shown.words.to} ${self.typed} ↵` : shown.place);
}

function filled(root, data, self) {
  const list = root.querySelector("ol");
  list.replaceChildren(...data.slides.map(({ page, name }, at) => {
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.textContent = `${at + 1}  ${name}`;
    if (page === data.page) button.setAttribute("aria-current", "page");
    button.onclick = () => turn(self, "to", false, page);
    item.append(button);
    return item;
  }));
  const keys = root.querySelector("dl");
  keys.replaceChildren(...data.keys.flatMap((row) => row.map((text, column) => {
    const part = document.createElement(column ? "dd" : "dt");
    part.textContent = text;
    return part;
  })));
  for (const over of ["list", "keys", "blank"]) {
    root.querySelector(`.ketadash-over.${over}`).setAttribute("aria-label", data.words[over]);
    const head = root.querySelector(`.${over} h2`);
    if (head) head.textContent = data.words[over];
  }
  for (const over of root.querySelectorAll(".blank, .keys")) over.onclick = () => lay(self, "");
}

function buttons(root, data, self) {
  for (const button of root.querySelectorAll("button[data-go]")) {
    const where = button.dataset.go;
    button.title = data.words[where];
    if (where === "rule") {
      button.textContent = data.rule ?? "";
      button.hidden = !data.rule;
    } else {
      button.setAttribute("aria-label", data.words[where]);
      button.disabled = data.ends.includes(where);
      if (where === "list") button.hidden = !data.slides.length; // before there is a slide
    }
    button.onclick = () => (HERE.includes(where) ? here(self, where) : turn(self, where, false));
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return;
  const self = stage();
  const shown = { ...data, root: parentElement, send: (value) => setTriggerValue("turned", value) };
  // A run of the page in between may take the slide away and bring it back: that is no answer to what was asked from it.
  if (self.shown?.at !== data.at && self.left !== data.stands) {
    self.asked = 0; // what was asked for has come
    window.ketadashFlip?.settle();
  }
  self.shown = shown;
  self.live = [...self.live.filter((one) => one.root !== parentElement), shown]; // one for each component
  const text = JSON.stringify([data.page, data.slides, data.keys, data.words]);
  if (self.filled?.root !== parentElement || self.filled.text !== text) filled(parentElement, data, self);
  self.filled = { root: parentElement, text }; // an open list keeps its focus while the page runs again
  buttons(parentElement, data, self);
  paint(self);
  next(self);
  if (self.later && data.slides.length && !underWay(self)) {
    self.later = "";
    lay(self, "list");
  }
  return () => {
    // The slide that was left may be drawn once more after the one that was turned to, and then go: that one stays.
    self.live = self.live.filter((one) => one !== shown && one.root.isConnected);
    if (self.shown === shown) self.shown = self.live.at(-1) ?? null;
  };
}
