// Keeps every block that the writer did not touch byte for byte.
//
// A rich editor that writes the whole text anew would change list marks, line
// breaks and escapes all over the page, and every difference in the history would
// drown in them. So the source of each top-level block is remembered beside its
// node, and only blocks that differ are written by the editor.

export class Unfaithful extends Error {}

function isEmptyParagraph(node) {
  return node.type.name === "paragraph" && node.content.size === 0;
}

export function contentBlocks(doc) {
  const blocks = [];
  doc.forEach((node) => {
    if (!isEmptyParagraph(node)) blocks.push(node);
  });
  return blocks;
}

function isSame(left, right) {
  return left === right || left.eq(right);
}

function rangesOf(tree) {
  return tree.children.map((child) => {
    const position = child.position ?? child.children?.[0]?.position;
    if (!position) throw new Unfaithful("a block without a place in the source");
    return { start: position.start.offset, end: position.end.offset };
  });
}

// Give for each block the index of its original, or -1 for a new or changed one.
export function align(blocks, originals) {
  const result = new Array(blocks.length).fill(-1);
  let head = 0;
  while (
    head < Math.min(blocks.length, originals.length) &&
    isSame(blocks[head], originals[head])
  ) {
    result[head] = head;
    head += 1;
  }
  let tail = 0;
  while (
    tail < Math.min(blocks.length, originals.length) - head &&
    isSame(blocks.at(-1 - tail), originals.at(-1 - tail))
  ) {
    result[blocks.length - 1 - tail] = originals.length - 1 - tail;
    tail += 1;
  }
  let next = head;
  for (let index = head; index < blocks.length - tail; index += 1) {
    for (let candidate = next; candidate < originals.length - tail; candidate += 1) {
      if (!isSame(blocks[index], originals[candidate])) continue;
      result[index] = candidate;
      next = candidate + 1;
      break;
    }
  }
  return result;
}

export class SourceKeeper {
  // `tree` is the syntax tree of `source`, `doc` what the editor made of it, and
  // `write(nodes)` gives the Markdown of some blocks. Throws Unfaithful when the
  // editor's blocks do not answer to those of the source one by one.
  constructor(source, tree, doc, write) {
    this.source = source;
    this.write = write;
    this.ranges = rangesOf(tree);
    this.originals = contentBlocks(doc);
    if (this.ranges.length !== this.originals.length) {
      throw new Unfaithful("blocks that the editor cannot show");
    }
    for (let index = 0; index <= this.ranges.length; index += 1) {
      if (this.gapBefore(index).trim()) {
        throw new Unfaithful("definitions between the blocks");
      }
    }
  }

  gapBefore(index) {
    const start = index ? this.ranges[index - 1].end : 0;
    return this.source.slice(start, this.ranges[index]?.start ?? this.source.length);
  }

  // Give the whole text for the editor's present document.
  text(doc) {
    const blocks = contentBlocks(doc);
    const places = align(blocks, this.originals);
    if (places.length === this.originals.length && places.every((place, i) => place === i)) {
      return this.source;
    }
    let text = "";
    let last = -1;
    for (let index = 0; index < blocks.length; ) {
      const place = places[index];
      if (text) text += place > 0 && place === last + 1 ? this.gapBefore(place) : "\n\n";
      if (place >= 0) {
        text += this.source.slice(this.ranges[place].start, this.ranges[place].end);
        last = place;
        index += 1;
        continue;
      }
      const from = index;
      while (index < blocks.length && places[index] < 0) index += 1;
      text += this.write(blocks.slice(from, index)).trim();
      last = -2;
    }
    return text && `${text}\n`;
  }
}
