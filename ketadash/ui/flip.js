// The slide under the other rule of missing days, sent before it is asked for (flip.py), shown as soon as it is.
//
// All of it or nothing: headline, pictures, foot and the button's words change in one frame, and none where the slide
// on screen is not the one that it was made for.  The server's answer takes its place part by part, each the same.

const flip = (window.ketadashFlip ??= begin());

function begin() {
  // `other` is the slide as a flip leaves it, `back` takes away what is shown of it, which an answer has made needless.
  const self = { other: null, back: null, answered: false, show, settle, end };
  new MutationObserver(() => self.answered && script() === "notRunning" && end()).observe(document.body, {
    subtree: true, attributeFilter: ["data-test-script-state"] });
  return self;
}

const script = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;

// Whether the slide was shown flipped.  `at` says where it stands, `button` is the one with the rule.
function show(at, button) {
  const { other } = flip, slide = document.querySelector(".st-key-slide");
  if (!slide || other?.at !== at || flip.back) return false;
  const texts = [...slide.querySelectorAll(".ketadash-slide")];
  const nodes = other.pictures.map(({ key }) => slide.querySelector(`.st-key-${key} .ketadash-plot`)?.ketadash);
  const all = slide.querySelectorAll(".ketadash-plot").length;
  if (texts.length !== other.texts.length || nodes.length !== all || nodes.some((n) => !n)) return false;
  const instead = texts.map((text, i) => standIn(text, other.texts[i]));
  other.pictures.forEach(({ figure, narrow }, i) => nodes[i].aheadBoth(figure, narrow));
  const said = button.textContent;
  button.textContent = other.rule;
  document.body.classList.add("ketadash-flipped"); // it is not of the state before (style.css)
  flip.back = () => {
    for (const end of instead) end();
    for (const node of nodes) node.back();
    if (!flip.answered) button.textContent = said;
  };
  return true;
}

// The text itself is left as it is, since the server writes it anew; with it goes what stood in for it.
function standIn(text, html) {
  const template = document.createElement("template");
  template.innerHTML = html; // its texts are escaped where it is made
  const other = template.content.firstElementChild, was = text.style.display;
  text.style.display = "none";
  text.after(other);
  return () => {
    other.remove();
    text.style.display = was;
  };
}

// The server has answered: its parts may come one after the other, so what stands in for them goes when all are there.
function settle() {
  flip.answered = true;
  if (script() === "notRunning") end();
}

// What is shown is what the server says.
function end() {
  flip.back?.();
  document.body.classList.remove("ketadash-flipped");
  Object.assign(flip, { back: null, answered: false });
}

export default function ({ data }) {
  if (!data) return;
  if (flip.other?.at !== data.at) end(); // sent after all parts of the answer
  flip.other = data;
  return () => {
    if (flip.other === data) flip.other = null;
  };
}
