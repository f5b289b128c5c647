// Buttons that bring files.  A press asks the server until the file is there (`ketadash/ui/server/downloads.py`), shows
// how far it is, and hands the file to the browser's downloads.  Nothing is asked for before a press.

const TRIES = 6; // in a row without an answer, before a file is given up
const SOON = 400; // ms within which nothing is said: most files are there by then
const SAID = 8000; // ms that an arrival stays on the page
const ICON = `<svg viewBox="0 0 16 16" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="1.6"
  d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"/></svg>`;
// What goes on in each row of buttons: it survives that its tab is left and comes back.
const rows = (window.ketadashDownloads ??= new Map());

function base() {
  const own = [...document.scripts].map((s) => s.src).find((src) => /\/static\/js\//.test(src));
  return own ? own.replace(/\/static\/js\/.*$/, "") : location.origin;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const filled = (text, ...parts) => parts.reduce((whole, part) => whole.replace("{}", () => part), text);

function element(tag, text, more = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  return Object.assign(made, more);
}

// One press, from the click until the file is there or cannot be; `tell` is called with each change.
async function fetched(going, words, tell) {
  const { label, name, url } = going;
  for (let lost = 0; lost < TRIES; ) {
    try {
      const answer = await fetch(url, { method: "POST", cache: "no-store", signal: going.ends.signal });
      if (answer.status === 202) {
        const { waiting, done, steps, now } = await answer.json();
        going.share = steps ? done / steps : null;
        if (steps) tell(filled(words.steps, label, now, done, steps));
        else tell(filled(waiting ? words.waiting : words.making, label));
        lost = 0;
        await pause(100); // the server waits too, for a second
      } else if (answer.ok) {
        save(await answer.blob(), name);
        tell(filled(words.arrived, label));
        return true;
      } else {
        const { trouble } = await answer.json(); // a proxy's own error is no JSON: tried again
        tell(trouble);
        return false;
      }
    } catch {
      if (going.ends.signal.aborted) {
        tell(filled(words.stopped, label));
        return true;
      }
      lost += 1;
      await pause(300 * lost);
    }
  }
  tell(filled(words.lost, label));
  return false;
}

function save(blob, name) {
  const link = element("a", "", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function press(row, file) {
  const { words, path } = row.data;
  const name = [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const going = { ...file, url: `${base()}${path}/${file.token}/${name}`, ends: new AbortController(), share: null };
  going.text = filled(words.making, file.label);
  for (const old of [...row.going]) if (old.ended && old.label === file.label) row.going.delete(old);
  row.going.add(going);
  setTimeout(() => (going.shown = true) && draw(row), SOON);
  const well = await fetched(going, words, (text) => {
    going.text = text;
    draw(row);
  });
  fetch(going.url, { method: "DELETE", keepalive: true }).catch(() => {}); // it is here, or not wanted any more
  Object.assign(going, { ended: true, shown: true, trouble: !well });
  draw(row);
  if (well) setTimeout(() => row.going.delete(going) && draw(row), SAID);
}

// Every node is kept while it says the same: a focus on Stop stays, and nothing is read aloud twice.
function draw(row) {
  const box = row.box;
  if (!box) return;
  for (const going of row.going) {
    if (!going.shown) continue;
    const line = (going.line ??= lineOf(row, going));
    const [bar, text, stop] = line.children;
    if (text.textContent !== going.text) text.textContent = going.text;
    bar.hidden = stop.hidden = Boolean(going.ended);
    if (going.share === null) bar.removeAttribute("value");
    else bar.value = going.share;
    line.toggleAttribute("data-trouble", Boolean(going.trouble));
    if (line.parentNode !== box) box.append(line);
  }
  const wanted = new Set([...row.going].map((going) => going.line));
  for (const line of [...box.children]) if (!wanted.has(line)) line.remove();
}

function lineOf(row, going) {
  const { words } = row.data;
  const line = element("p", "");
  const bar = element("progress", "", { max: 1 });
  bar.setAttribute("aria-label", going.label);
  const stop = element("button", words.stop, { type: "button", onclick: () => going.ends.abort() });
  stop.setAttribute("aria-label", filled(words.stopLabel, going.label));
  line.append(bar, element("span", ""), stop);
  return line;
}

function buttons(row, box) {
  const known = new Map([...box.children].map((button) => [button.dataset.label, button]));
  const wanted = row.data.files.map((file) => {
    const button = known.get(file.label) ?? element("button", "", { type: "button" });
    if (!known.has(file.label)) {
      button.dataset.label = file.label;
      button.innerHTML = ICON;
      button.append(file.label);
    }
    button.title = file.help ?? "";
    button.onclick = (event) => event.detail > 1 || press(row, file); // a double click is one press
    return button;
  });
  const same = wanted.length === box.children.length && wanted.every((button, i) => button === box.children[i]);
  if (!same) box.replaceChildren(...wanted); // only then: it would take the focus
}

export default function ({ data, parentElement }) {
  if (!data) return;
  const row = rows.get(data.row) ?? { going: new Set() };
  rows.set(data.row, row);
  row.data = data;
  row.box = parentElement.querySelector(".ketadash-made");
  buttons(row, parentElement.querySelector(".ketadash-files"));
  draw(row);
}
