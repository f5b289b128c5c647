// One arm of a picture can be hidden by its name, beside its line or below the picture, so as to look at the other alone.
// It stays hidden in every picture of this tab until it is shown again; each of them says so, and so does what is saved.
// Part of the module that plot.js is; figures say in `layout.meta.arms` which arms they have.

const hiding = (window.ketadashHiding ??= { arm: null, pictures: new Set() });
const reduced = new WeakMap(); // figure → [the arm it lacks, what is drawn]: the same object while nothing changes

const armsOf = (figure) => figure.layout.meta?.arms ?? [];
const hiddenIn = (figure) => armsOf(figure).find(({ name }) => name === hiding.arm);

// The figure as it is drawn: with names that can be clicked, and without the hidden arm.
function reducedTo(figure) {
  if (!armsOf(figure).length) return figure;
  const gone = hiddenIn(figure);
  const [lacks, known] = reduced.get(figure) ?? [];
  if (known && lacks === gone) return known;
  const names = armsOf(figure).map(({ name }) => name);
  const { annotations = [] } = figure.layout;
  const notes = annotations.map((note) => (names.includes(note.name) ? { ...note, captureevents: true } : note));
  const drawn = {
    ...figure,
    data: gone ? figure.data.map((t) => (t.legendgroup === gone.name ? { ...t, visible: false } : t)) : figure.data,
    layout: { ...figure.layout, annotations: gone ? withoutArm(notes, gone) : notes },
  };
  reduced.set(figure, [gone, drawn]);
  return drawn;
}

// Said once in the picture: where a phone has both arms' names, else in the line that explains points and lines.
function withoutArm(notes, { name, label, glyph }) {
  const place = ["arms", "key", name].find((one) => notes.some((note) => note.name === one));
  return notes.map((note) => {
    if (note.name === "arms") return { ...note, text: note.text.replace(`${glyph} ${label}<`, `<s>${label}</s> hidden<`) };
    const struck = note.name === name ? `<s>${note.text}</s>` : note.text;
    return { ...note, text: note.name === place ? `${struck}; ${label} hidden` : struck };
  });
}

// What is said of it beside the picture's own words.
const hiddenInWords = (figure) => (hiddenIn(figure) ? ` ${asText(hiddenIn(figure).label)} is hidden.` : "");

// A figure's text, which has entities, as it is read.
const asText = (label) => new DOMParser().parseFromString(label, "text/html").documentElement.textContent;

function hide(name) {
  hiding.arm = hiding.arm === name ? null : name;
  for (const draw of hiding.pictures) draw();
}

// The names below a picture, as buttons: pressed while the arm is shown.
function armButtons(root, figure) {
  const arms = armsOf(figure);
  root.hidden = arms.length < 2;
  while (root.children.length > arms.length) root.lastChild.remove();
  arms.forEach(({ name, label, colour, glyph }, k) => {
    const text = asText(label);
    const button = root.children[k] ?? root.appendChild(document.createElement("button"));
    const sign = document.createElement("span");
    sign.textContent = glyph;
    sign.style.color = colour;
    sign.setAttribute("aria-hidden", "true");
    button.type = "button";
    button.replaceChildren(sign, ` ${text}`);
    button.setAttribute("aria-label", `Show ${text}`);
    button.ariaPressed = String(hiding.arm !== name);
    button.title = `${hiding.arm === name ? "Show" : "Hide"} ${text}`;
    button.onclick = () => hide(name);
  });
}
