"""The trail is append-only; the search index stands beside its tables."""

from django.db import migrations

from yulan.kernel.append_only import append_only
from yulan.kernel.search import install_search


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [append_only("kernel_trailentry", "kernel_trailtouch"), install_search()]
