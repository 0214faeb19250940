// Sends a file to the page it belongs to. The server answers with the Markdown that
// shows or links it: {"markdown": "![plan](/files/…)", "name": "plan.png"}.

import { csrfToken } from "./csrf.js";

export async function uploadFile(file, textarea) {
  const body = new FormData();
  body.append("file", file);
  const answer = await fetch(textarea.dataset.uploadUrl, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken(textarea), Accept: "application/json" },
    body,
  });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok || !data.markdown) throw new Error(data.error ?? answer.statusText);
  return data.markdown;
}
