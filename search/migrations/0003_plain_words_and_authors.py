"""Words without stems, and who changed a document last."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_words_of_titles"),
        migrations.swappable_dependency(settings.WAGTAIL_PAGE_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="searchdocument",
            name="plain",
            field=django.contrib.postgres.search.SearchVectorField(default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="searchdocument",
            name="author",
            field=models.CharField(blank=True, default="", max_length=16),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="searchdocument",
            name="author_organisation_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="searchdocument",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["plain"], name="search_document_plain"
            ),
        ),
        # What is indexed already is read once more. Elasticsearch has a new schema, so
        # the worker builds its index anew by itself.
        migrations.RunSQL(
            """
            INSERT INTO search_outbox
                (kind, path, new_path, barrier, in_postgres, in_elasticsearch, created)
            SELECT DISTINCT 'subtree', LEFT(page.path, 8), LEFT(page.path, 8), false,
                false, true, now()
            FROM search_searchdocument AS document
            JOIN wagtailcore_page AS page ON page.id = document.page_id
            """,
            migrations.RunSQL.noop,
        ),
    ]
