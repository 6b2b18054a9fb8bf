"""Accounts of staff, keys of programs, and counters against flooding. Residents need no account."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from tongxin.kernel.privacy import mask_name, personal

_BASIS = "个人信息保护法第13条第1款第3项（履行法定职责）"


class UserManager(BaseUserManager["User"]):
    """Look-up by the natural key only; accounts are made by ``accounts.actions``."""


class User(AbstractBaseUser):
    """A member of staff of one district, or an operator of the installation (district empty)."""

    login = personal(
        models.CharField("登录名（含地方）", max_length=100, unique=True),
        purpose="登录时认人",
        basis=_BASIS,
        retention_days=1095,
    )
    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, null=True, blank=True)
    username = personal(
        models.CharField("用户名", max_length=50),
        purpose="登录时认人",
        basis=_BASIS,
        retention_days=1095,
    )
    name = personal(
        models.CharField("姓名", max_length=40),
        purpose="显示由谁办理",
        basis=_BASIS,
        retention_days=1095,
        mask=mask_name,
    )
    is_active = models.BooleanField("启用", default=True)
    is_operator = models.BooleanField("平台运维", default=False)
    password_at = models.DateTimeField("密码设定于", null=True, blank=True)
    password_once = models.BooleanField("密码是一次性的", default=False)
    totp_key = models.CharField("两步验证密钥（加密）", max_length=80, blank=True, default="")
    totp_since = models.DateTimeField("两步验证开启于", null=True, blank=True)
    totp_step = models.BigIntegerField(default=0)  # of the last code that counted: none counts twice
    totp_spares = models.JSONField(default=list, blank=True)
    elder_view = models.BooleanField("长者版", default=False)
    failed_logins = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = UserManager()
    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "username"], name="user_once_a_district", nulls_distinct=False),
        ]


class SignIn(models.Model):
    """Where somebody is signed in now, shown to nobody but themselves; goes with its session. No record of who worked how long."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    session = models.CharField(max_length=40, unique=True)
    device = personal(
        models.CharField("设备", max_length=60), purpose="让本人认出自己在哪里登录着", basis=_BASIS, retention_days=1
    )
    by_service = models.BooleanField("用统一身份登录", default=False)
    began_at = models.DateTimeField("登录于")
    seen_at = models.DateTimeField("最近使用")


class IdentityService(models.Model):
    """A city's identity service with which a district's staff may sign in (OpenID Connect). Its secret is named here, not kept."""

    district = models.OneToOneField("packs.District", on_delete=models.CASCADE)
    title = models.CharField("叫什么", max_length=40)
    issuer = models.URLField("发行方", max_length=300)
    client_id = models.CharField("应用标识", max_length=200)
    secret_from = models.CharField(
        "应用密钥在哪里", max_length=300, blank=True
    )  # env:NAME or file:/path; empty: a public client
    scope = models.CharField("请求的范围", max_length=200, default="openid profile")
    claim = models.CharField("哪一项认人", max_length=60, default="sub")
    strong = models.JSONField("算作两步验证的方式", default=list, blank=True)  # values of acr or amr
    fresh_minutes = models.PositiveIntegerField("最久多少分钟前验证过身份", default=0)  # 0: not asked
    set_at = models.DateTimeField("设定于")


class IdentityLink(models.Model):
    """Who an account is at the district's identity service; made by that person or an administrator, never by signing in."""

    district = models.ForeignKey("packs.District", on_delete=models.CASCADE)
    user = models.OneToOneField(User, on_delete=models.CASCADE)
    issuer = models.CharField(max_length=300)
    subject = personal(
        models.CharField("统一身份里的编号", max_length=255),
        purpose="用市里的统一身份登录时认人",
        basis=_BASIS,
        retention_days=1095,
    )
    linked_at = models.DateTimeField("关联于")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "issuer", "subject"], name="identity_once_a_district")
        ]


class ApiKey(models.Model):
    """A key of a program; only its hash is kept."""

    district = models.ForeignKey("packs.District", on_delete=models.CASCADE)
    name = models.CharField("用途", max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    may = models.JSONField("权限", default=list)
    per_minute = models.PositiveIntegerField("每分钟上限", default=600)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class Throttle(models.Model):
    """A counter of one source in one window (an unlogged table: losing it on a crash is harmless)."""

    bucket = models.CharField(max_length=120, primary_key=True)
    window = models.BigIntegerField()
    count = models.PositiveIntegerField()
