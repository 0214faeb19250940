"""Do what waits in the queue, in the transaction of a test."""

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def run_jobs(*names: str) -> int:
    """Run the waiting jobs of these tasks, oldest first. Returns how many there were.

    A worker has a connection of its own, which does not see what a test did not commit;
    this calls the same functions with what the queue holds, text for text.
    """
    waiting = ProcrastinateJob.objects.filter(status="todo", task_name__in=names)
    jobs = list(waiting.order_by("pk").values_list("pk", "task_name", "args"))
    for pk, name, args in jobs:
        app.tasks[name](**args)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [pk])
    return len(jobs)
