from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_throttle_unlogged")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="password_once",
            field=models.BooleanField(default=False, verbose_name="密码是一次性的"),
        ),
    ]
