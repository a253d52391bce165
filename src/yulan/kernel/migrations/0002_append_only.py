"""The trail is append-only."""

from django.db import migrations

from yulan.kernel.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [append_only("kernel_trailentry", "kernel_trailtouch")]
