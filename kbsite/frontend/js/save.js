// Ctrl S (⌘S) presses the button that publishes: <button data-save-key>.

export function startSaveKey() {
  document.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (!command || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s") return;
    const button = document.querySelector("[data-save-key]");
    if (!button) return;
    event.preventDefault();
    button.form?.requestSubmit(button);
  });
}
