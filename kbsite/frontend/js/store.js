// Small choices that stay in this browser. Storage may be forbidden: then they
// hold for this page only.

const PREFIX = "deelplein.";

export function readChoice(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function keepChoice(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Nothing to do: the choice holds until the page is left.
  }
}
