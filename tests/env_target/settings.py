"""Settings in the style of two apps, read from ./.env and printed as JSON."""

import json
import sys
from typing import Annotated

from pydantic import field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Commas = Annotated[list[str], NoDecode]


class InstaCrud(BaseSettings):
    """Names as they are written; one that is unknown stops the app."""

    model_config = SettingsConfigDict(env_file=".env", case_sensitive=True, extra="forbid")

    MODE: str = "test"
    BASE_URL: str
    FRONTEND_BASE_URL: str
    SECRET_KEY: str
    ALGORITHM: str
    TOKEN_EXPIRATION_SECONDS: int
    MONGO_URL_SECRET_KEY: str
    DB_ENGINE: str
    MONGO_URL: str
    MONGO_TLS_ALLOW_INVALID: bool
    CORS_ALLOW_ORIGINS: Commas = ["*"]
    CORS_ALLOW_CREDENTIALS: bool
    CORS_ALLOW_METHODS: Commas = ["*"]
    CORS_ALLOW_HEADERS: Commas = ["*"]
    GOOGLE_CLIENT_ID: str
    GOOGLE_CLIENT_SECRET: str
    TURNSTILE_SECRET_KEY: str
    TURNSTILE_SITE_KEY: str
    OPEN_REGISTRATION: bool
    EMAIL_ENABLED: bool
    EMAIL_CARRIER: str
    BREVO_API_KEY: str
    EMAIL_FROM_ADDRESS: str

    @field_validator("CORS_ALLOW_ORIGINS", "CORS_ALLOW_METHODS", "CORS_ALLOW_HEADERS", mode="before")
    @classmethod
    def split(cls, text: str) -> list[str]:
        return [entry.strip() for entry in text.split(",") if entry.strip()]


class FastCms(BaseSettings):
    """Names in any capitals, unknown ones left alone, and a list that is read as JSON."""

    model_config = SettingsConfigDict(env_file=".env", case_sensitive=False, extra="ignore")

    environment: str = "development"
    debug: bool = True
    secret_key: str
    cors_origins: list[str]
    access_token_expire_minutes: int
    refresh_token_expire_days: int
    rate_limit_enabled: bool
    redis_enabled: bool
    smtp_port: int


SHOWN = {
    "instacrud": [
        "MODE", "BASE_URL", "SECRET_KEY", "TOKEN_EXPIRATION_SECONDS", "DB_ENGINE", "CORS_ALLOW_ORIGINS",
        "CORS_ALLOW_METHODS", "CORS_ALLOW_CREDENTIALS", "EMAIL_ENABLED", "EMAIL_CARRIER", "OPEN_REGISTRATION",
    ],
    "fastcms": list(FastCms.model_fields),
}

app = sys.argv[1]
settings = (InstaCrud() if app == "instacrud" else FastCms()).model_dump()
print(json.dumps({name: settings[name] for name in SHOWN[app]}))
