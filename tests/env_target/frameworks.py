"""Settings as FastAPI's full-stack template and cookiecutter-django read them, printed as JSON."""

import json
import os
import sys
from typing import Annotated, Literal


def template() -> dict:
    """One file, by pydantic-settings: a list with commas, capitals that do not count, and nothing for what is empty."""
    from pydantic import BeforeValidator
    from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

    def split(text: object) -> object:
        return [entry.strip() for entry in text.split(",") if entry.strip()] if isinstance(text, str) else text

    class Settings(BaseSettings):
        model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

        ENVIRONMENT: Literal["local", "staging", "production"] = "local"
        FRONTEND_HOST: str
        SECRET_KEY: str
        BACKEND_CORS_ORIGINS: Annotated[list[str], NoDecode, BeforeValidator(split)] = []
        ACCESS_TOKEN_EXPIRE_MINUTES: int = 11520
        POSTGRES_PASSWORD: str
        FIRST_SUPERUSER_PASSWORD: str
        SMTP_HOST: str | None = None
        SMTP_PORT: int = 587
        SMTP_TLS: bool = True
        SMTP_SSL: bool = False
        EMAILS_FROM_EMAIL: str | None = None

    return Settings().model_dump()


def cookiecutter() -> dict:
    """The environment that Compose hands on, of two files, by django-environ."""
    import environ
    from dotenv import dotenv_values

    for name in [".postgres", ".django"]:
        os.environ.update(dotenv_values(f".envs/.production/{name}"))
    env = environ.Env()
    texts = ["DJANGO_SETTINGS_MODULE", "DJANGO_SECRET_KEY", "MAILGUN_API_KEY", "POSTGRES_PASSWORD"]
    return {name: env(name) for name in texts} | {
        "DJANGO_ALLOWED_HOSTS": env.list("DJANGO_ALLOWED_HOSTS"),
        "DJANGO_SECURE_SSL_REDIRECT": env.bool("DJANGO_SECURE_SSL_REDIRECT", default=True),
        "DJANGO_ACCOUNT_ALLOW_REGISTRATION": env.bool("DJANGO_ACCOUNT_ALLOW_REGISTRATION", True),
        "WEB_CONCURRENCY": env.int("WEB_CONCURRENCY"),
    }


def several() -> dict:
    """Files whose names are given, by pydantic-settings: a later one counts."""
    from pydantic_settings import BaseSettings, SettingsConfigDict

    class Settings(BaseSettings):
        model_config = SettingsConfigDict(env_file=tuple(sys.argv[2:]), extra="allow")

    return Settings().model_dump()


print(json.dumps({"template": template, "cookiecutter": cookiecutter, "several": several}[sys.argv[1]]()))
