"""The process: an OpenID provider (django-oauth-toolkit, oauthlib, jwcrypto – none of it ours) that can be told to misbehave.

``python -m tests.identity.service FOLDER`` prints its port. ``POST /control`` changes how it behaves: claims to put into the next
tokens, a new signing key, what its discovery document is. Everything else is the provider's own work.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

CLIENT, SECRET, OTHER = "tongxin", "a-secret-of-the-city", "another-system"
PEOPLE = {"zhang": "张工", "wang": "王工"}
PASSWORD = "City-pass-2026"
behaviour: dict[str, Any] = {}


def _pem() -> str:
    from jwcrypto import jwk

    return jwk.JWK.generate(kty="RSA", size=2048).export_to_pem(private_key=True, password=None).decode()


def configure(folder: Path) -> None:
    from django.conf import settings

    settings.configure(
        SECRET_KEY="the provider's own",
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "provider.sqlite3"), "OPTIONS": {"timeout": 20}}},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"],
        MIGRATION_MODULES=dict.fromkeys(["auth", "contenttypes", "sessions", "oauth2_provider"]),
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGIN_URL="/login",
        SESSION_COOKIE_NAME="city_session",  # cookies do not tell ports apart
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": _pem(),
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "身份", "profile": "姓名和工号"},
            "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
            "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
            "REQUEST_APPROVAL_PROMPT": "force",
        },
    )  # fmt: skip
    import django

    django.setup()


def _validator() -> type:
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Validator(OAuth2Validator):
        oidc_claim_scope = None

        def get_additional_claims(self, request: Any) -> dict[str, Any]:
            return {"name": request.user.first_name, "staff_no": f"XT{request.user.pk:04}"}

        def get_id_token_dictionary(self, token: Any, handler: Any, request: Any) -> Any:
            claims, expires = super().get_id_token_dictionary(token, handler, request)
            return {**claims, **behaviour.get("claims", {})}, expires

    return Validator


def __getattr__(name: str) -> Any:
    if name == "Validator":
        return _validator()
    if name == "urlpatterns":
        return _addresses()
    raise AttributeError(name)


def _addresses() -> list[Any]:
    from django.contrib.auth import authenticate, login
    from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
    from django.urls import include, path, re_path
    from django.views.decorators.csrf import csrf_exempt
    from oauth2_provider.settings import oauth2_settings
    from oauth2_provider.views import AuthorizationView, ConnectDiscoveryInfoView

    def sign_in(request: Any) -> Any:
        if request.method == "POST":
            user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
            if user is not None:
                login(request, user)
                return HttpResponseRedirect(request.GET["next"])
        return HttpResponse(
            "<h1>市统一身份认证</h1><form method=post><input name=username><input name=password type=password><button>登录</button></form>"
        )

    class Authorization(AuthorizationView):
        """The provider's own view; only the page that asks is ours (theirs needs their base template)."""

        def render_to_response(self, context: Any, **more: Any) -> Any:
            if "form" not in context:
                return super().render_to_response(context, **more)
            fields = "".join(str(field.as_hidden()) for field in context["form"])
            return HttpResponse(f"<h1>允许同心平台知道您是谁？</h1><form method=post>{fields}<button name=cancel value=1>取消</button><button name=allow value=true>允许</button></form>")  # fmt: skip

    def discovery(request: Any) -> Any:
        match behaviour.get("discovery"):
            case "rubbish":
                return HttpResponse("<html>维护中</html>")
            case "list":
                return HttpResponse("[1, 2]", content_type="application/json")
            case "huge":
                return HttpResponse(b"{" + b" " * 3_000_000 + b"}", content_type="application/json")
            case "slow":
                return HttpResponse(_trickle(), content_type="application/json")
            case "elsewhere":
                return HttpResponseRedirect("/somewhere")
            case "broken":
                return HttpResponse(status=500)
        answer = ConnectDiscoveryInfoView.as_view()(request)
        if changes := behaviour.get("description"):
            return JsonResponse({**json.loads(answer.content), **changes})
        return answer

    def control(request: Any) -> Any:
        asked = json.loads(request.body)
        if asked.pop("rotate", False):
            oauth2_settings.OIDC_RSA_PRIVATE_KEY = _pem()
        behaviour.clear()
        behaviour.update(asked)
        return HttpResponse("ok")

    return [
        path("control", csrf_exempt(control)),
        path("login", csrf_exempt(sign_in)),
        re_path(r"^\.well-known/openid-configuration$", discovery),
        path("authorize/", csrf_exempt(Authorization.as_view())),
        path("", include("oauth2_provider.urls", namespace="oauth2_provider")),
    ]


def _trickle() -> Any:
    for _ in range(600):
        yield b" "
        time.sleep(0.05)


def main() -> None:
    folder = Path(sys.argv[1])
    configure(folder)
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application
    from oauth2_provider.models import Application

    call_command("migrate", run_syncdb=True, verbosity=0)
    for username, name in PEOPLE.items():
        User.objects.create_user(username, password=PASSWORD, first_name=name)
    backs = " ".join(sys.argv[2:])
    common = {"client_type": "confidential", "authorization_grant_type": "authorization-code", "algorithm": "RS256"}
    for ident in (CLIENT, OTHER):
        Application.objects.create(client_id=ident, client_secret=SECRET, name=ident, redirect_uris=backs, post_logout_redirect_uris=backs.replace("sign-in/identity/back", "signed-out"), **common)  # fmt: skip

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.modules["tests.identity.service"] = sys.modules["__main__"]
    main()
