"""One site with one home page, in place of Wagtail's welcome page."""

from typing import Any

from django.db import migrations


def make_home(apps: Any, schema_editor: Any) -> None:
    """Replace the page that Wagtail's own migration makes."""
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    HomePage = apps.get_model("pages", "HomePage")
    ContentType = apps.get_model("contenttypes", "ContentType")
    Locale = apps.get_model("wagtailcore", "Locale")
    content_type, _created = ContentType.objects.get_or_create(
        app_label="pages", model="homepage"
    )
    Site.objects.all().delete()
    Page.objects.filter(depth=2).delete()
    home = HomePage.objects.create(
        title="Deelplein",
        draft_title="Deelplein",
        slug="home",
        content_type=content_type,
        path="00010001",
        depth=2,
        numchild=0,
        url_path="/home/",
        locale=Locale.objects.get(),
    )
    Page.objects.filter(path="0001").update(numchild=1)
    Site.objects.create(
        hostname="localhost", root_page=home, is_default_site=True, site_name="Deelplein"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0001_initial"),
        ("access", "0003_invariants"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [migrations.RunPython(make_home, migrations.RunPython.noop)]
