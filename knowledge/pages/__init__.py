"""Projects and articles: reading, editing on the page, history, moving, the trash."""
