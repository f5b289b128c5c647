// Marks the body while a run of the whole page is under way: the part that a run draws last (frame.py), which this script
// is in, is still of the run before.  In style.css alone it would take a :has() on the whole page.

window.ketadashWholeRun ??= begin();

function begin() {
  const look = () => {
    const running = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running";
    const before = running && document.querySelector(".st-key-page_end [data-stale=true]") !== null;
    document.body.classList.toggle("ketadash-whole-run", before);
  };
  const observer = new MutationObserver(look); // before the next frame, so that nothing is seen in between
  observer.observe(document.body, { subtree: true, attributeFilter: ["data-test-script-state", "data-stale"] });
  look();
  return observer;
}

export default function () {}
