// Where our Markdown (docs: knowledge.markup) and the rich editor differ.

// Blocks that the rich editor takes for something else: it would break them.
const ONLY_AS_SOURCE = /^ {0,3}(?:!!!|\?\?\?|\/\/\/)|^\*\[[^\]]+\]:|^: {1,3}\S|^\[TOC\]/im;

export function needsSource(markdown) {
  return ONLY_AS_SOURCE.test(markdown);
}

// Wiki links, callout heads and footnote marks are plain text to the editor. Its
// writer would escape their brackets and so take their meaning away.
const OURS = /(!?\[\[[^[\]\n]+\]\]|\[![A-Za-z]+\]|\[\^[^\]\s]+\])/;

export function stringifyOptions(before) {
  const writeText = before.handlers.text;
  return {
    ...before,
    bullet: "-",
    rule: "-",
    listItemIndent: "one",
    handlers: {
      ...before.handlers,
      text: (node, parent, state, info) => {
        const pieces = node.value.split(OURS);
        const write = (value, index) => {
          if (index % 2 || !value) return value;
          // A piece beside a bracket is in the middle of a line.
          const before = index ? "]" : info.before;
          const after = index < pieces.length - 1 ? "[" : info.after;
          return writeText({ ...node, value }, parent, state, { ...info, before, after });
        };
        return pieces.map(write).join("");
      },
      // Two spaces: the renderer does not know the backslash at the end of a line.
      break: () => "  \n",
    },
  };
}

// The editor's image node refuses a missing title, which is what most images have.
export function giveImagesTitles() {
  return function visit(node) {
    if (node.type === "image") node.title ??= "";
    node.children?.forEach(visit);
  };
}
