// Marks in the table of contents the heading that is being read.

function headingOf(link) {
  return document.getElementById(decodeURIComponent(link.hash.slice(1)));
}

function mark(links, current) {
  for (const link of links) {
    if (link === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

export function startScrollSpy() {
  for (const toc of document.querySelectorAll("[data-scroll-spy]")) {
    const links = [...toc.querySelectorAll('a[href^="#"]')].filter(headingOf);
    if (!links.length) continue;
    const update = () => {
      const line = window.innerHeight * 0.25;
      const passed = links.filter((link) => headingOf(link).getBoundingClientRect().top <= line);
      mark(links, passed.at(-1) ?? links[0]);
    };
    let waiting = false;
    addEventListener(
      "scroll",
      () => {
        if (waiting) return;
        waiting = true;
        requestAnimationFrame(() => {
          waiting = false;
          update();
        });
      },
      { passive: true },
    );
    update();
  }
}
