// The token stands in the form itself: its cookie is out of reach for scripts.

export function csrfToken(field) {
  return field.form?.elements.namedItem("csrfmiddlewaretoken")?.value ?? "";
}
