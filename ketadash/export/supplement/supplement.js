// Shows the state of the analysis that the choices, or the address behind its #, say.  All numbers, words and figures
// were made beforehand (document.py); nothing is computed and nobody is asked here.
'use strict';

const $ = (tag, props = {}, ...inside) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...inside);
  return node;
};

async function unpacked(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
}

async function begin() {
  if (!('DecompressionStream' in window)) {
    document.getElementById('too-old').hidden = false;
    return;
  }
  const [data, plotly] = await Promise.all([unpacked('data'), unpacked('plotly')]);
  document.head.append($('script', { textContent: plotly }));
  const { held, pool } = JSON.parse(data);
  show(held, reader(pool));
}

// A part of the pool, which has a list for each kind, with the parts that it is made of (pool.py), each put together once.
function reader(pool) {
  const whole = new Map();
  const inside = (value) => {
    if (Array.isArray(value)) return value.map(inside);
    if (value === null || typeof value !== 'object') return value;
    if ('$' in value) return part(value.$);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inside(inner)]));
  };
  const part = (n) => {
    if (!whole.has(n)) whole.set(n, inside(pool[n % pool.length][Math.floor(n / pool.length)]));
    return whole.get(n);
  };
  return part;
}

function show(held, part) {
  const first = { at: held.axes.map((axis) => axis.at_first), dial: null, page: held.pages[0].key };
  const missing = held.axes.findIndex((axis) => axis.field === 'missing');
  const dark = matchMedia('screen and (prefers-color-scheme: dark)');
  const colours = new RegExp(Object.keys(held.dark).map((c) => c.replace(/[().]/g, '\\$&')).join('|') || '$^', 'g');
  let now = first;
  let printing = false;

  // --- the state and the address --------------------------------------------------------------------------------
  const place = (s) => (s.dial ? `dial.${s.dial.join('.')}` : s.at.join('.'));
  const ratio = (dial, word) => dial.stops.indexOf(word);
  function address(s) {
    const said = [];
    if (s.dial) {
      said.push(...held.dial.link);
      held.dials.forEach((dial, k) => said.push([dial.key, dial.stops[s.dial[k]]]));
    } else {
      held.axes.forEach((axis, k) => s.at[k] !== axis.at_first && said.push(...axis.options[s.at[k]].link));
    }
    if (s.page !== first.page) said.push(['page', s.page]);
    return new URLSearchParams(said).toString();
  }
  function read() {
    const said = new URLSearchParams(location.hash.slice(1));
    const agrees = (link) => link.every(([key, word]) => said.get(key) === word);
    const at = held.axes.map((axis) => {
      const k = axis.options.findIndex((option) => agrees(option.link));
      return k < 0 ? axis.at_first : k;
    });
    let dial = null;
    if (held.dial && agrees(held.dial.link)) {
      const stops = held.dials.map((one) => ratio(one, said.get(one.key)));
      dial = stops.map((k, i) => (k < 0 ? held.dials[i].at_first : k));
    }
    const page = held.pages.find((one) => one.key === said.get('page'));
    const state = { at: dial ? [...first.at] : at, dial, page: page ? page.key : first.page };
    return { ...state, unheard: unheard(said, state) };
  }
  // What the address says and the state is not: a choice of the app that this file does not hold, or a word misspelt.
  function unheard(said, s) {
    const heard = new Set(['start\n', `page\n${s.page}`]);
    const hear = ([key, word]) => heard.add(`${key}\n${word}`);
    if (s.dial) {
      held.dial.link.forEach(hear);
      held.dials.forEach((dial, k) => hear([dial.key, dial.stops[s.dial[k]]]));
    }
    held.axes.forEach((axis, k) => (s.dial && k === missing) || axis.options[s.at[k]].link.forEach(hear));
    return [...said].filter(([key, word]) => !heard.has(`${key}\n${word}`));
  }
  const cut = (text) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
  function notInFile(pairs) {
    const named = pairs.slice(0, 5).map(([key, word]) => (word ? `${cut(key)} = ${cut(word)}` : cut(key)));
    const more = pairs.length > 5 ? ` and ${pairs.length - 5} more` : '';
    return `The address asks for what this file does not hold (${named.join(', ')}${more}). `
      + 'What is shown leaves that out: look at the choices above before you rely on it.';
  }
  const go = (s) => { location.hash = address(s) || 'start'; };

  // --- what stands on the page ----------------------------------------------------------------------------------
  const badge = $('span', { className: 'badge' });
  const back = $('button', { type: 'button', textContent: 'Back to how the file was made', onclick: () => go({ ...first, page: now.page }) });
  const line = $('p', { className: 'choice-line quiet' });
  const head = $('header', {}, $('h1', { textContent: held.title }),
    ...(held.mark ? [$('span', { className: 'badge mark', textContent: held.mark })] : []), badge, back,
    $('p', { className: 'quiet', textContent: `${held.n} participants in all (${held.arms})` }), line,
    ...(held.note ? [$('p', { className: 'doubt', textContent: held.note })] : []));
  const nav = $('nav', { ariaLabel: 'Questions' });
  const main = $('main', { tabIndex: -1 });
  const asked = $('p', { className: 'doubt asked', role: 'alert', hidden: true });
  const told = $('div', { role: 'status' });
  told.style.cssText = 'position:absolute;left:-9999px;width:1px;height:1px;overflow:hidden';
  const origin = $('dl', {}, ...held.origin.flatMap(([k, v]) => [$('dt', { textContent: k }), $('dd', { textContent: v })]));
  const rows = held.axes.map((axis, k) => row(axis, k));
  const dials = $('div', { className: 'dials', hidden: true });
  const sliders = held.dials.map((dial, k) => slider(dial, k));
  dials.append(...sliders.map((one) => one.label));
  const others = rows.filter((_, k) => k !== missing);
  const choices = $('div', { className: 'choices' });
  if (missing >= 0) choices.append(rows[missing].box, dials);
  if (others.length) {
    const more = $('details', { open: matchMedia('(min-width: 900px) and (min-height: 600px)').matches },
      $('summary', { textContent: 'More choices' }), $('div', {}, ...others.map((one) => one.box)));
    choices.append(more);
  }
  document.getElementById('app').append(head, choices, asked, nav, told, main,
    $('details', {}, $('summary', { textContent: held.heading }), origin));

  function say(text) {
    asked.hidden = text === '';
    asked.textContent = text;
  }
  function row(axis, k) {
    const inputs = axis.options.map((option, i) => input(axis, option.label, () => {
      const at = (now.dial ? [...first.at] : [...now.at]);
      at[k] = i;
      go({ ...now, at, dial: null });
    }));
    if (k === missing && held.dial) {
      inputs.push(input(axis, held.dial.label, () => go({ ...now, at: [...first.at], dial: held.dials.map((d) => d.at_first) })));
    }
    const box = $('fieldset', {}, $('legend', { textContent: axis.label, title: axis.help }),
      $('div', { className: 'options' }, ...inputs.map((one) => one.label)));
    return { box, inputs };
  }
  function input(axis, text, onchange) {
    const radio = $('input', { type: 'radio', name: axis.field, onchange });
    const label = $('label', {}, radio, text);
    label.onclick = () => { if (radio.disabled) say(label.title); }; // a finger sees no title, nor does the keyboard reach it
    return { radio, label };
  }
  function slider(dial, k) {
    const shown = $('output');
    const range = $('input', { type: 'range', min: 0, max: dial.stops.length - 1, step: 1, ariaLabel: dial.label });
    range.oninput = () => {
      const stops = [...now.dial];
      stops[k] = Number(range.value);
      go({ ...now, dial: stops });
    };
    return { range, shown, label: $('label', {}, `${dial.label}: `, shown, range) };
  }

  // --- drawing a state --------------------------------------------------------------------------------------------
  function mark() {
    held.axes.forEach((axis, k) => rows[k].inputs.forEach(({ radio, label }, i) => {
      const ofDial = k === missing && i === axis.options.length;
      radio.checked = ofDial ? now.dial !== null : (k !== missing || !now.dial) && now.at[k] === i;
      const other = (now.dial && k !== missing) ? null : held.states[now.at.map((x, j) => (j === k ? i : x)).join('.')];
      const away = now.at.some((x, j) => j !== missing && x !== first.at[j]);
      let why = '';
      if (ofDial && away) why = 'In this file your own assumption can be set only while all other choices are as the file was made.';
      if (!ofDial && now.dial && k !== missing && i !== axis.at_first) why = 'In this file the other choices stay as the file was made while your own assumption is set.';
      if (!ofDial && typeof other === 'string') why = other;
      radio.disabled = why !== '';
      radio.ariaDescription = why;
      label.title = why;
    }));
    dials.hidden = !now.dial;
    sliders.forEach(({ range, shown }, k) => {
      if (!now.dial) return;
      range.value = now.dial[k];
      shown.textContent = held.dials[k].names[now.dial[k]];
      range.setAttribute('aria-valuetext', shown.textContent);
    });
    nav.replaceChildren(...held.pages.map(({ key, title }) => {
      const link = $('a', { textContent: title, href: `#${address({ ...now, page: key }) || 'start'}` });
      if (key === now.page) link.setAttribute('aria-current', 'page');
      return link;
    }));
  }

  const inked = (value) => {
    if (!dark.matches || printing) return value;
    if (typeof value === 'string') return value.replace(colours, (c) => held.dark[c]);
    if (Array.isArray(value)) return value.map(inked);
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inked(inner)]));
    }
    return value;
  };
  // Plotly keeps what it is given and writes into it; the pool's parts stay as they are.  A figure that is drawn already
  // (a large trial's strips, under most choices) is not drawn again: that took half a second of a flip.
  function draw(node, picture) {
    const width = printing ? held.print : node.clientWidth;
    const figure = width < (picture.wide.layout.meta?.narrowBelow ?? 520) ? picture.narrow : picture.wide;
    node.setAttribute('aria-label', picture.alt);
    const text = `${width} ${dark.matches && !printing} ${JSON.stringify(figure)}`;
    if (node.figure === text) return Promise.resolve();
    node.figure = text;
    const { data, layout } = structuredClone(inked(figure));
    node.style.height = `${layout.height}px`;
    return Plotly.react(node, data, { ...layout, width, autosize: false },
      { ...held.config, staticPlot: layout.meta?.static === true });
  }
  let pictures = [];
  function section(one) {
    const parts = [$('h2', { textContent: one.question })];
    if (one.answer) parts.push($('p', { className: 'answer', textContent: one.answer }));
    if (one.cards?.length) {
      parts.push($('div', { className: 'cards' }, ...one.cards.map((card) => $('article', {}, $('h3', { textContent: card.title }),
        $('p', { className: 'number', textContent: card.number }),
        $('p', { className: 'quiet', textContent: card.text })))));
    }
    for (const picture of one.pictures) {
      const node = $('div', { className: 'plot', role: 'img' });
      pictures.push([node, picture]);
      parts.push($('figure', {}, node, $('figcaption', { textContent: picture.legend })));
    }
    if (one.rests) parts.push($('p', { className: 'quiet' }, $('strong', { textContent: 'What this rests on. ' }), one.rests));
    parts.push(...one.doubts.map((doubt) => $('p', { className: 'doubt', textContent: doubt })));
    parts.push(...one.tables.map(table));
    return $('section', {}, ...parts);
  }
  function table({ caption, head, rows: body }) {
    return $('div', { className: 'scroll', tabIndex: 0, role: 'group', ariaLabel: caption }, $('table', {}, $('caption', { textContent: caption }),
      $('thead', {}, $('tr', {}, ...head.map((text) => $('th', { scope: 'col', textContent: text })))),
      $('tbody', {}, ...body.map((cells) => $('tr', {}, ...cells.map((text) => $('td', { textContent: text })))))));
  }
  function methods({ paragraphs, references }) {
    return [$('section', {}, $('h2', { textContent: 'Methods' }), ...paragraphs.map((p) => $('p', { textContent: p })),
      $('ol', { className: 'quiet' }, ...references.map((r) => $('li', { textContent: r }))))];
  }
  function render() {
    now = read();
    const state = held.states[place(now)];
    mark();
    say(now.unheard.length ? notInFile(now.unheard) : '');
    const refused = typeof state === 'string';
    const status = refused ? 'This combination is not in this file' : part(held.statuses[now.page]?.[place(now)] ?? state[0]);
    badge.textContent = status;
    badge.classList.toggle('exploratory', status !== held.declared);
    back.hidden = place(now) === place(first);
    line.textContent = held.axes.map((axis, k) => `${axis.label}: ${now.dial && k === missing
      ? `${held.dial.label} (${held.dials.map((d, i) => `${d.label} ${d.names[now.dial[i]]}`).join('; ')})`
      : axis.options[now.at[k]].label}`).join(' · ');
    const n = refused ? -1 : state[1 + held.pages.findIndex(({ key }) => key === now.page)];
    const before = pictures;
    pictures = [];
    const content = n >= 0 ? part(n) : null;
    let built;
    if (content === null) built = [$('p', { className: 'doubt', textContent: refused ? state : 'In this state there is nothing to show here.' })];
    else built = now.page === 'methods' ? methods(content) : content.map(section);
    // The same pictures again: their nodes move over, so that the curves move instead of being drawn anew.
    if (before.length === pictures.length && main.dataset.page === now.page) {
      pictures = pictures.map(([node, picture], k) => {
        const [old] = before[k];
        node.replaceWith(old);
        return [old, picture];
      });
    }
    main.dataset.page = now.page;
    main.replaceChildren(...built);
    told.textContent = [status, content && now.page !== 'methods' ? content[0].answer : ''].join('. ');
    const here = `${place(now)} ${now.page}`;
    document.body.dataset.state = here;
    // The first picture follows the hand; those further down come right behind it, unless the hand has moved on.
    const [top, ...rest] = pictures;
    Promise.resolve(top && draw(...top)).then(() => requestAnimationFrame(() => setTimeout(() => {
      if (document.body.dataset.state !== here) return;
      Promise.all(rest.map((one) => draw(...one))).then(() => { document.body.dataset.drawn = here; });
    })));
    document.body.dataset.first = here;
  }
  const again = () => Promise.all(pictures.map(([node, picture]) => draw(node, picture)));
  let waiting;
  addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(again, 150); });
  addEventListener('hashchange', render);
  addEventListener('beforeprint', () => { printing = true; again(); });
  addEventListener('afterprint', () => { printing = false; again(); });
  dark.addEventListener('change', again);
  render();
}

begin();
