// Sends a file to the page it belongs to. The server answers with the Markdown that
// shows or links it: {"markdown": "![plan](/files/…)", "name": "plan.png", "url": "/files/…"}.

import { csrfToken } from "./csrf.js";

export class Cancelled extends Error {}

function answerOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

// `onProgress` hears the part that is sent, from 0 to 1; `signal` stops it. Not fetch:
// that tells nothing about how far sending is.
export function sendFile(file, textarea, { signal, onProgress }) {
  const body = new FormData();
  body.append("file", file);
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.open("POST", textarea.dataset.uploadUrl);
    request.setRequestHeader("X-CSRFToken", csrfToken(textarea));
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      const answer = answerOf(request);
      if (request.status < 300 && answer.markdown) resolve(answer);
      else reject(new Error(answer.error ?? request.statusText));
    };
    request.onerror = () => reject(new Error(""));
    request.onabort = () => reject(new Cancelled());
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

// Takes a file that was sent off its page again; it can be restored from the files.
export async function deleteFile(url, textarea) {
  const id = url.split("/").at(-2);
  const answer = await fetch(`${textarea.dataset.uploadUrl}${id}/delete`, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken(textarea) },
    redirect: "manual",
  });
  if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(answer.statusText);
}
