// Keys pressed while the first slide is on its way wait here until the script of the keys takes them (presenting.js).

const MOST = 5; // presses that wait, as there

export default function () {
  if (window.ketadashStage || window.ketadashEarly) return;
  const pressed = (window.ketadashEarly = []);
  document.addEventListener("keydown", (event) => {
    if (window.ketadashStage || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, button, a, [contenteditable]")) return; // its own
    if (pressed.length < MOST) pressed.push(event.key);
  });
}
