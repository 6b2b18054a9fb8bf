"""Django's entry of the package."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tongxin.accounts"
    verbose_name = "账号"
