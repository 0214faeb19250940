"""Tags of documents. What 0009 has read anew gets them, and a sum that counts them."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0009_headings_of_documents")]

    operations = [
        migrations.AddField(
            model_name="searchdocument",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), default=list, size=None
            ),
        ),
    ]
