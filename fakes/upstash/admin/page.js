"use strict";
// Asks for this page once a second and puts the new contents in place of the old, part by part, so that scrolled
// tables stay where they are. Nothing changes while the page is hidden or some of its text is selected.
const state = document.getElementById("state");

async function update() {
  const response = await fetch("/", { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(response.statusText);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    if (now) part.replaceChildren(...now.childNodes);
  }
}

async function watch() {
  if (!document.hidden && getSelection().isCollapsed) {
    try {
      await update();
      state.textContent = "Updates every second.";
      state.className = "";
    } catch {
      state.textContent = "The program does not answer: this is its latest account.";
      state.className = "stale";
    }
  }
  setTimeout(watch, 1000);
}

watch();
