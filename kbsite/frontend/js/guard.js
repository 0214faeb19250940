// Asks before unsaved work in <form data-guard> is left. What the server gave back
// without saving it (data-unsaved) is unsaved from the start. A link with
// data-guard-leave throws the changes away on purpose, so it does not ask.

function content(form) {
  const pairs = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return JSON.stringify(pairs.map(([name, value]) => [name, value.name ?? value]));
}

function leavesThisPage(event) {
  const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  return plain && event.target instanceof Element && event.target.closest("a[data-guard-leave]");
}

export function startGuards() {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const before = content(form);
    const isUnsaved = () => "unsaved" in form.dataset || content(form) !== before;
    let leaving = false;
    form.addEventListener("submit", () => {
      leaving = true;
    });
    document.addEventListener("click", (event) => {
      if (leavesThisPage(event)) leaving = true;
    });
    addEventListener("pageshow", () => {
      leaving = false;
    });
    addEventListener("beforeunload", (event) => {
      if (!leaving && isUnsaved()) event.preventDefault();
    });
  }
}
