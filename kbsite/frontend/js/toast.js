// Says in a corner what happened without a page load. A server answer to htmx can
// ask for one with the header HX-Trigger: {"toast": {"text": "…", "level": "ok"}}.

const LEVELS = ["ok", "warn", "bad"];
const SHOWN_FOR_MS = 8000;

export function showToast(text, level = "") {
  const region = document.getElementById("toasts");
  if (!region) return;
  const toast = document.createElement("div");
  toast.className = LEVELS.includes(level) ? `notice notice-${level}` : "notice";
  toast.textContent = text;
  region.append(toast);
  setTimeout(() => toast.remove(), SHOWN_FOR_MS);
}

export function startToasts() {
  document.addEventListener("toast", (event) => {
    if (event.detail?.text) showToast(event.detail.text, event.detail.level);
  });
}
