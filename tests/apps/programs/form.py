"""A Django with one form, as its pages say that it stands behind a proxy that ends TLS."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import path

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["shop.example.com"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    SECURE_SSL_REDIRECT=True,
    CSRF_COOKIE_SECURE=True,
)


def form(request):
    if request.method == "POST":
        return HttpResponse(f"saved at {request.build_absolute_uri('/done')}")
    return HttpResponse(get_token(request))


urlpatterns = [path("form", form)]
app = get_asgi_application()
