// The address bar: one history entry for each state, and a button that copies the whole link.
// Streamlit rewrites the present entry when a control moves, so Back would skip every change on a page; and it makes
// an entry for each parameter that the script writes, so Back would stop at half-written ones.  Here a change of
// state makes an entry of its own, and nothing else on a page does.

const SETTLED = 400; // ms without a change before a state counts as one
const TOGETHER = 1500; // ms within which changes are one entry: a slider on its way
const ALONE = 5000; // ms after which an address that moved without the state is taken as it is
const QUIET = 6000; // ms at most that a page or an entry may take to settle by itself

function history_() {
  if (window.ketadashHistory) return window.ketadashHistory;
  const push = history.pushState.bind(history);
  const self = { data: null, last: null, pending: null, pushed: 0, quiet: Date.now() + QUIET };
  // What the script writes into the address of the page it is on is no step of the reader's.
  history.pushState = (state, title, url) => {
    if (new URL(url ?? location.href, location.href).pathname === location.pathname)
      return history.replaceState(state, title, url);
    self.quiet = Date.now() + QUIET;
    return push(state, title, url);
  };
  // Capture: before Streamlit's own listener, which starts the run.
  addEventListener("popstate", () => (self.quiet = Date.now() + QUIET), true);
  setInterval(() => self.data && tick(self, push), 200);
  addEventListener("pagehide", () => leave(self.data?.kept));
  window.ketadashHistory = self;
  return self;
}

// A tab that is loaded again is a new session, and a trial that was in memory is gone: so the tab leaves itself a word
// that it had it, for as long as loading takes.  Nobody else's link has it.
const LOADING = 120; // s

function leave([start, fingerprint] = []) {
  if (fingerprint) cookie(start + fingerprint, LOADING);
}

function cookie(name, seconds) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=1; Max-Age=${seconds}; Path=/; SameSite=Strict${secure}`;
}

// The page, what the script says of the state, and what the page's own controls wrote.
function key({ data }) {
  const ours = new Set(data.ours);
  const own = [...new URLSearchParams(location.search)].filter(([name]) => !ours.has(name)).sort();
  return JSON.stringify([location.pathname, data.state, own]);
}

function tick(self, push) {
  const now = Date.now();
  const here = { path: location.pathname, key: key(self), url: location.href };
  if (here.path !== self.last?.path || now < self.quiet) {
    if (self.last?.path !== here.path) self.pushed = 0;
    self.last = here;
    self.pending = self.drift = null;
    return;
  }
  if (here.key === self.last.key) {
    self.pending = null;
    // The address moves before the script has told the state; one that moves alone is no state of its own.
    if (here.url !== self.drift?.url) self.drift = { url: here.url, since: now };
    else if (now - self.drift.since > ALONE) self.last = here;
    return;
  }
  if (here.key !== self.pending?.key || here.url !== self.pending.url) {
    self.pending = { ...here, since: now };
    return;
  }
  if (now - self.pending.since < SETTLED) return;
  if (now - self.pushed > TOGETHER && here.url !== self.last.url) {
    history.replaceState({}, "", self.last.url);
    push({}, "", here.url);
    self.pushed = now;
  }
  self.last = here;
  self.pending = null;
}

function link({ whole, own, never }) {
  const said = new URLSearchParams(whole);
  const here = new URLSearchParams(location.search);
  for (const [name, value] of here) if (!said.has(name) && !never.includes(name)) said.set(name, value);
  for (const [name, value] of Object.entries(own)) if (!said.has(name)) said.set(name, value);
  return `${location.origin}${location.pathname}?${said}`;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission, or the page did not come over https
  }
}

export default function ({ data, parentElement }) {
  if (!data) return;
  const self = history_();
  const text = JSON.stringify([data.page, data.state]);
  if (text !== self.text) self.quiet = Math.min(self.quiet, Date.now() + 2 * SETTLED); // the run has come this far
  self.text = text;
  // Streamlit leaves the reader as far down as the last page was read: on a phone, below the answer and its picture.
  if (self.data && self.data.page !== data.page) document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
  self.data = data;
  if (data.kept[1]) cookie(data.kept.join(""), 0); // it has been read
  const [button, shown, said] = ["button", "input", "[role=status]"].map((s) => parentElement.querySelector(s));
  button.textContent = data.words.copy;
  shown.setAttribute("aria-label", data.words.here);
  button.onclick = async () => {
    const full = link(data);
    const copied = await copy(full);
    shown.hidden = copied;
    shown.value = full;
    if (!copied) shown.select();
    said.textContent = copied ? data.words.copied : data.words.here;
    clearTimeout(self.timer);
    if (copied) self.timer = setTimeout(() => (said.textContent = ""), 4000);
  };
}
