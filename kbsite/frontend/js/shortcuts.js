// Single keys follow the element that carries them: <a data-key="e">. They are off
// while somebody writes, and can be switched off in the help dialog (WCAG 2.1.4).

import { keepChoice, readChoice } from "./store.js";

const WRITING = "input, textarea, select, [contenteditable], .ProseMirror, .cm-editor";

function isWriting(target) {
  return target instanceof Element && target.closest(WRITING) !== null;
}

function isVisible(element) {
  return element.getClientRects().length > 0;
}

function focusSearch() {
  const fields = document.querySelectorAll("[data-search-field]");
  const field = [...fields].find(isVisible);
  if (!field) {
    document.querySelector("[data-search-link]")?.click();
    return;
  }
  field.focus();
  field.select();
}

function openHelp() {
  const dialog = document.getElementById("help");
  if (dialog && !dialog.open) dialog.showModal();
}

function followKey(key) {
  const element = [...document.querySelectorAll("[data-key]")].find(
    (candidate) => candidate.dataset.key === key && isVisible(candidate),
  );
  element?.click();
  return Boolean(element);
}

function handleSingleKey(event) {
  if (event.key === "?") {
    openHelp();
    return true;
  }
  if (event.key === "/") {
    focusSearch();
    return true;
  }
  return followKey(event.key);
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    // In a text editor this key makes a link: leave it to the editor.
    if (event.target instanceof Element && event.target.closest(".ProseMirror")) return;
    event.preventDefault();
    focusSearch();
    return;
  }
  if (command || event.altKey || isWriting(event.target)) return;
  if (readChoice("shortcuts") === "off" || document.querySelector("dialog[open]")) return;
  if (handleSingleKey(event)) event.preventDefault();
}

export function startShortcuts() {
  document.addEventListener("keydown", onKey);
  for (const button of document.querySelectorAll("[data-help]")) {
    button.addEventListener("click", openHelp);
  }
  for (const box of document.querySelectorAll("[data-shortcuts-switch]")) {
    box.checked = readChoice("shortcuts") !== "off";
    box.addEventListener("change", () => keepChoice("shortcuts", box.checked ? "on" : "off"));
  }
}
