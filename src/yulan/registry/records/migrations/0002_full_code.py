"""A term's key is called its full code, beside its code."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='term',
            name='key',
            field=models.CharField(blank=True, help_text='Dictionary and code: sectors.education.', max_length=81, unique=True, verbose_name='Full code'),
        ),
    ]
