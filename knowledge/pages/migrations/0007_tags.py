"""Tags of pages."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pages", "0006_version_ids_always")]

    operations = [
        migrations.AddField(
            model_name="pagefacts",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="pagefacts",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["tags"], name="page_facts_tags"
            ),
        ),
        migrations.AddConstraint(
            model_name="pagefacts",
            constraint=models.CheckConstraint(
                condition=models.Q(("tags__len__lte", 20)),
                name="page_facts_some_tags",
                violation_error_message="A page has too many tags.",
            ),
        ),
    ]
