"""Keep the headings of documents, so that Elasticsearch can take them over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0008_steering")]

    operations = [
        migrations.AddField(
            model_name="searchdocument",
            name="headings",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        # What is indexed already is read once more, by both engines.
        migrations.RunSQL(
            """
            INSERT INTO search_outbox
                (kind, path, new_path, barrier, in_postgres, in_elasticsearch, created)
            SELECT DISTINCT 'subtree', LEFT(page.path, 8), LEFT(page.path, 8), false,
                false, false, now()
            FROM search_searchdocument AS document
            JOIN wagtailcore_page AS page ON page.id = document.page_id
            """,
            migrations.RunSQL.noop,
        ),
    ]
