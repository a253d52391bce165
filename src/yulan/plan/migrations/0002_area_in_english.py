"""What the areas of published figures are called in English."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plan", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="figure",
            name="region_text_en",
            field=models.CharField(blank=True, max_length=60, verbose_name="Area in English"),
        ),
    ]
