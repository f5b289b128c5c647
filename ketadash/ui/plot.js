// Draws a figure with Plotly.react, so that a changed figure keeps its node, zoom and selection.
// Streamlit calls the default export again whenever the data or the theme change.

const NARROW = 520; // pixels below which the narrow figure is drawn, unless the wide one's meta says otherwise
const states = new WeakMap();

// plotly.js is served beside Streamlit's own files, wherever a proxy has put those.
function base() {
  const own = [...document.scripts].map((s) => s.src).find((src) => /\/static\/js\//.test(src));
  return own ? own.replace(/\/static\/js\/.*$/, "") : location.origin;
}

function library(path) {
  window.ketadashPlotly ??= new Promise((resolve, reject) => {
    const tag = document.createElement("script");
    tag.src = base() + path;
    tag.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error("no Plotly in " + tag.src)));
    tag.onerror = () => reject(new Error("could not load " + tag.src));
    document.head.append(tag);
  }).catch((error) => {
    window.ketadashPlotly = undefined; // try again at the next draw
    throw error;
  });
  return window.ketadashPlotly;
}

// The server's figure, or the one that stands in for it until it has answered (prefetched_pictures.js, flip.js).
const source = (state) => fitting(state, state.ahead ?? state.data);
const own = (state) => fitting(state, state.data);

function chosen(state) {
  return reducedTo(source(state));
}

function fitting(state, { figure, narrow }) {
  return narrow && widthOf(state) < (figure.layout.meta?.narrowBelow ?? NARROW) ? narrow : figure;
}

// Of a page's picture as the observer has told it: to ask the node would lay out the page for every picture on it.
const widthOf = (state) => (state.room ? state.room.clientWidth : (state.width ||= state.node.clientWidth));

// A slide's picture: drawn as small as it is meant to be, then enlarged to the room it has, type and lines with it.
// Its size is said to plotly, which measures for itself at a moment of its own: between two, half a picture was shown.
const LEAST = 640, LEAST_NARROW = 340; // pixels that a figure's layout is made for
function fit(state, figure) {
  const { clientWidth: width, clientHeight: height } = state.room;
  const least = source(state) === (state.ahead ?? state.data).narrow ? LEAST_NARROW : LEAST;
  const scale = Math.min(height / figure.layout.height, width / least);
  Object.assign(state.node.style, { transformOrigin: "0 0", transform: `scale(${scale})`, width: `${width / scale}px` });
  return { ...figure.layout, width: width / scale, height: height / scale, autosize: false };
}

// A figure's layout in the room that there is now; the node is as high before the library is there: nothing jumps.
function placed(state, figure) {
  const layout = state.room?.clientHeight ? fit(state, figure) : { ...figure.layout, autosize: true };
  state.node.style.height = layout.height + "px";
  return layout;
}

async function draw(state) {
  const figure = chosen(state);
  placed(state, figure);
  if (widthOf(state) === 0) return; // in a tab not shown; the observer will tell
  try {
    const Plotly = await library(state.data.plotly);
    if (figure !== chosen(state) || !state.node.isConnected) return; // overtaken while loading
    const layout = placed(state, figure); // the room may have another size by now
    const fixed = figure.layout.meta?.static === true;
    const config = { ...state.data.config, staticPlot: fixed };
    if (state.room || widthOf(state) < NARROW) config.displayModeBar = false;
    // react does not take a changed config; a narrow figure turned wide is drawn anew
    const kind = JSON.stringify([fixed, config.displayModeBar ?? null]);
    if (state.kind !== undefined && state.kind !== kind) {
      Plotly.purge(state.node);
      state.listening = state.names = false;
    }
    state.kind = kind;
    state.drawn = figure;
    await Plotly.react(state.node, figure.data, layout, config);
    if (state.data.clicks && !state.listening) {
      state.node.on("plotly_click", ({ points: [p] }) =>
        state.send("clicked", { trace: p.curveNumber, point: p.pointNumber }));
      state.listening = true;
    }
    if (armsOf(figure).length && !state.names) {
      state.node.on("plotly_clickannotation", ({ annotation }) => {
        if (armsOf(source(state)).some(({ name }) => name === annotation.name)) hide(annotation.name);
      });
      state.names = true;
    }
    told(state);
    state.node.dataset.drawn = String(Number(state.node.dataset.drawn ?? 0) + 1);
  } catch (error) {
    state.node.textContent = `The picture could not be drawn (${error.message}). ${state.data.alt}`;
  }
}

// What is read aloud: the drawing as one image with its text.  Not the node: the buttons in it could not be reached.
const FORESEEN = "The picture under the choice being made; it is described once the choice is made.";
function told(state) {
  const { node, data, ahead, arms } = state;
  if (arms) armButtons(arms, source(state));
  const [drawing, ...rest] = node.querySelectorAll("svg.main-svg");
  drawing?.setAttribute("role", "img");
  drawing?.setAttribute("aria-label", ahead ? FORESEEN : data.alt + hiddenInWords(own(state)));
  for (const layer of rest) layer.setAttribute("aria-hidden", "true");
}

// A figure sent ahead, as text, where it is as narrow as the one it stands in for (some are alike on every screen), or
// both, wide and narrow; and back to the server's.
function stands(state) {
  const ahead = (figure, narrow) => {
    state.ahead = { figure: JSON.parse(figure), narrow: narrow && JSON.parse(narrow) };
    state.foreseen = JSON.stringify(source(state)); // now: plotly writes into what it draws
    partOf(state.node).dataset.ahead = ""; // is not of the state before (style.css)
    draw(state);
  };
  return {
    ahead(text, narrow) {
      if (state.data.narrow && narrow !== (own(state) === state.data.narrow)) return;
      ahead(text, null);
    },
    aheadBoth: ahead,
    back() {
      if (!state.ahead) return;
      gone(state);
      draw(state);
    },
  };
}

// Streamlit's own element around a picture, which it marks while what is in it is of the run before.
const partOf = (node) => node.closest("[data-testid=stElementContainer]") ?? node;

function gone(state) {
  state.ahead = null;
  delete partOf(state.node).dataset.ahead;
}

// The server's answer is what is on screen already: only what stands in for it goes.
function foreseen(state) {
  if (!state.ahead) return false;
  gone(state);
  if (state.foreseen !== JSON.stringify(source(state))) return false;
  state.drawn = chosen(state);
  return true;
}

function resized(state) {
  if (state.room) return draw(state);
  const width = (state.width = state.node.clientWidth);
  if (width === 0 || width === state.laidOut) return;
  state.laidOut = width;
  if (state.drawn === undefined || chosen(state) !== state.drawn) draw(state);
  else window.Plotly?.Plots.resize(state.node);
}

export default function (component) {
  const { parentElement } = component, data = component.data?.[0];
  const node = parentElement.querySelector(".ketadash-plot");
  if (!node || !data) return;
  let state = states.get(parentElement);
  if (!state || state.node !== node) {
    state = { node };
    states.set(parentElement, state);
    state.observer = new ResizeObserver(() => resized(state));
    state.room = data.fit ? node.closest(".st-key-slide_pictures .stElementContainer") : null; // less what grows beside it
    state.observer.observe(state.room ?? node);
    node.ketadash = stands(state);
    state.arms = parentElement.querySelector(".ketadash-arms");
    state.again = () => draw(state);
    hiding.pictures.add(state.again);
  }
  state.send = component.setTriggerValue;
  menu(state, data.origin && parentElement.querySelector(".ketadash-save"), () => library(state.data.plotly));
  const { origin, light, alt, ...seen } = data; // what only the menu and the ear get is no reason to draw
  const text = JSON.stringify(seen);
  if (text !== state.text) {
    state.text = text;
    state.data = data;
    state.laidOut = widthOf(state);
    if (foreseen(state)) told(state);
    else draw(state);
  } else {
    Object.assign(state.data, { origin, light, alt }); // the figure stays the object that is being drawn
    told(state);
  }
  return () => {
    state.observer.disconnect();
    hiding.pictures.delete(state.again);
    window.Plotly?.purge(node);
    states.delete(parentElement);
  };
}
