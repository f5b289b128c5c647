// Saves a figure as it would be printed or projected: at a journal's or a slide's size, light, with where it comes from.
// Part of the module that plot.js is; nothing leaves the browser.

const DPI = 300;
const CSS_PX = { single: 392, double: 829 }; // layout widths at which 13 px type prints as 8 points
const MM = { single: 85, double: 180 };
const SLIDE = [1920, 1080];
const SLIDE_LEAST = 450; // layout height of a slide: type of 13 px is then 31 of its 1080 pixels
const SMALL = { font: 9.5, line: 12.5 }; // the lines below the picture

const MENU = [
  ["single", "png", "Journal, 1 column, PNG"],
  ["single", "svg", "SVG"],
  ["double", "png", "Journal, 2 columns, PNG"],
  ["double", "svg", "SVG"],
  ["slide", "png", "Slide, PNG"],
  ["slide", "svg", "SVG"],
];

function wrapped(text, width) {
  const most = Math.floor((width - 16) / (SMALL.font * 0.52));
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = last ? last + " " + word : word;
  }
  return lines;
}

function harmless(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\$/g, "&#36;");
}

// The figure for a size, as {data, layout}, with its origin written below it.
function printed(state, size) {
  const { figure, narrow, light, origin } = state.data;
  const [wide, small] = light ?? [figure, narrow];
  const chosen = reducedTo(size === "single" && small ? small : wide);
  const own = chosen.layout.height;
  const width = size === "slide" ? (Math.max(own + 40, SLIDE_LEAST) * SLIDE[0]) / SLIDE[1] : CSS_PX[size];
  const lines = wrapped(origin.line, width);
  const below = lines.length * SMALL.line + 8;
  const height = size === "slide" ? (width * SLIDE[1]) / SLIDE[0] : Math.ceil(own + below);
  const margin = { ...chosen.layout.margin, b: (chosen.layout.margin?.b ?? 0) + below };
  const title = {
    text: lines.map(harmless).join("<br>"), automargin: false, x: 0, xref: "container", xanchor: "left", y: 0,
    yref: "container", yanchor: "bottom", pad: { l: 8, b: 6 + (lines.length - 1) * SMALL.line }, // the anchor is the first line's
    font: { size: SMALL.font, color: chosen.layout.font?.color },
  };
  const font = { ...chosen.layout.font, family: "Arial, Helvetica, sans-serif" };
  const layout = { ...chosen.layout, width, height, margin, title, font, autosize: false, paper_bgcolor: "#ffffff" };
  return { data: chosen.data, layout, config: { staticPlot: true } };
}

function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}

// The PNG with its resolution in it (a pHYs chunk after the header), so that it is 85 or 180 mm wide where it is placed.
function withDpi(png) {
  const chunk = new DataView(new ArrayBuffer(21));
  const perMetre = Math.round(DPI / 0.0254);
  chunk.setUint32(0, 9);
  [..."pHYs"].forEach((c, i) => chunk.setUint8(4 + i, c.charCodeAt(0)));
  chunk.setUint32(8, perMetre);
  chunk.setUint32(12, perMetre);
  chunk.setUint8(16, 1);
  chunk.setUint32(17, crc(new Uint8Array(chunk.buffer, 4, 13)));
  const head = 33; // signature and IHDR
  return new Blob([png.slice(0, head), chunk.buffer, png.slice(head)], { type: "image/png" });
}

function withOrigin(svg, state, size, { width, height }) {
  const text = new DOMParser().parseFromString(svg, "image/svg+xml");
  const root = text.documentElement;
  const unit = size === "slide" ? ["", SLIDE[0] / width] : ["mm", MM[size] / width];
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  root.setAttribute("width", `${+(width * unit[1]).toFixed(2)}${unit[0]}`);
  root.setAttribute("height", `${+(height * unit[1]).toFixed(2)}${unit[0]}`);
  for (const [tag, said] of [["desc", state.data.origin.line], ["title", state.data.alt + hiddenInWords(state.data.figure)]]) {
    const node = text.createElementNS("http://www.w3.org/2000/svg", tag);
    node.textContent = said;
    root.prepend(node);
  }
  return new Blob([new XMLSerializer().serializeToString(text)], { type: "image/svg+xml" });
}

async function image(Plotly, state, size, format) {
  const figure = printed(state, size);
  const { width, height } = figure.layout;
  if (format === "svg") {
    const url = await Plotly.toImage(figure, { format, width, height });
    return withOrigin(decodeURIComponent(url.slice(url.indexOf(",") + 1)), state, size, { width, height });
  }
  const pixels = size === "slide" ? SLIDE[0] : Math.round((MM[size] / 25.4) * DPI);
  const scale = (pixels + 0.01) / width; // a canvas cuts fractions off
  const url = await Plotly.toImage(figure, { format, width, height, scale });
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (c) => c.charCodeAt(0));
  return size === "slide" ? new Blob([bytes], { type: "image/png" }) : withDpi(bytes.buffer);
}

async function save(state, size, format, Plotly) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await image(Plotly, state, size, format));
  link.download = `${state.data.origin.file}-${size}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// The menu under the figure: made once, closed by Escape, away while nothing can be saved.
function menu(state, root, load) {
  if (!root || state.menu) return;
  state.menu = root;
  root.hidden = false;
  const list = root.querySelector("div");
  for (const [size, format, label] of MENU) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    if (format === "svg") button.setAttribute("aria-label", `${list.lastChild.textContent.replace(/PNG$/, "SVG")}`);
    button.dataset.save = `${size}-${format}`;
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await save(state, size, format, await load());
        root.open = false;
      } catch (error) {
        button.textContent = `Could not be saved (${error.message})`;
      } finally {
        button.disabled = false;
      }
    });
    list.append(button);
  }
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.open = false;
  });
}
