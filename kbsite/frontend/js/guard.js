// Asks before unsaved work in <form data-guard> is left.

function content(form) {
  const pairs = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return JSON.stringify(pairs.map(([name, value]) => [name, value.name ?? value]));
}

export function startGuards() {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const before = content(form);
    let leaving = false;
    form.addEventListener("submit", () => {
      leaving = true;
    });
    addEventListener("pageshow", () => {
      leaving = false;
    });
    addEventListener("beforeunload", (event) => {
      if (!leaving && content(form) !== before) event.preventDefault();
    });
  }
}
