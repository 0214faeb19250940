// Named icons for the buttons of the editor's tables, which have no words.

function named(label, path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "i");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  line.setAttribute("d", path);
  svg.append(line);
  return svg.outerHTML;
}

const PLUS = "M8 2.5v11M2.5 8h11";
const TRASH = "M2.5 4h11M6 4V2h4v2M4 4l.7 10h6.6L12 4";

export function tableIcons(words) {
  return {
    addRowIcon: named(words.addRow, PLUS),
    addColIcon: named(words.addColumn, PLUS),
    deleteRowIcon: named(words.deleteRow, TRASH),
    deleteColIcon: named(words.deleteColumn, TRASH),
    alignLeftIcon: named(words.alignLeft, "M2 3.5h12M2 8h7M2 12.5h10"),
    alignCenterIcon: named(words.alignCentre, "M2 3.5h12M4.5 8h7M3 12.5h10"),
    alignRightIcon: named(words.alignRight, "M2 3.5h12M7 8h7M4 12.5h10"),
  };
}
