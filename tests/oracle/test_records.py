"""What is kept for good holds no text of an author and no key to a door."""

from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import AuditEvent

# The log names files: what was uploaded must be found again.
TEXTS = ("title", "body", "note", "draft", "edit", "content")


def test_the_audit_log_holds_no_text_of_an_author(stage):
    words = {c.word: c.what for c in stage.canaries if c.what.startswith(TEXTS)}
    rows = [
        f"{event.action} {event.target} {event.details}".lower()
        for event in AuditEvent.objects.all()
    ]
    assert len(words) > 30
    assert len(rows) > 100
    told = {what for word, what in words.items() if any(word in row for row in rows)}
    assert not told


def test_neither_the_audit_log_nor_the_queue_holds_a_token(stage):
    rows = [str(event.details) for event in AuditEvent.objects.all()]
    rows += [str(job.args) for job in ProcrastinateJob.objects.all()]
    assert stage.tokens
    assert not [token for token in stage.tokens if any(token in row for row in rows)]
