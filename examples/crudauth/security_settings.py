# Made by seccfg 0.1.0 for shop in prod, from policy a7a23642321b55ba. Change security.toml instead.
"""How CRUDAuth protects shop in prod.

    auth = CRUDAuth(session=..., user_model=..., **keyword_arguments(blocklist=...))
    app = FastAPI(lifespan=lifespan(auth))

Database, user model, mail and OAuth providers are the app's own to give.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypedDict

from crudauth import (
    BearerTransport,
    CookieConfig,
    CRUDAuth,
    PasswordPolicy,
    SessionTransport,
    Transport,
)
from crudauth.password import PasswordValidator
from crudauth.ratelimit import (
    LockoutConfig,
)
from fastapi import FastAPI, Request, Response


def _read_variable(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(f"the environment variable {name} is missing or empty")
    return value


# signing key [secrets.secret_key]
SECRET_KEY = _read_variable("SECRET_KEY")

# Redis [state.url]
REDIS_URL = _read_variable("REDIS_URL")

# client address [proxy.hops]: entries of X-Forwarded-For to believe, from the right
TRUSTED_PROXY_HOPS = 1


class SecuritySettings(TypedDict):
    """Keyword arguments of CRUDAuth."""

    SECRET_KEY: str
    transports: list[Transport]
    trusted_proxy_hops: int
    cookies: CookieConfig
    algorithm: str
    redis_url: str
    lockout: LockoutConfig
    password_policy: PasswordPolicy


class IdleSessionTransport(SessionTransport):
    """Every session ends when idle: no client is remembered for days."""

    async def complete_login(
        self, request: Request, response: Response, user: Any, options: dict[str, Any]
    ) -> dict[str, Any]:
        forgotten = {**options, "remember_me": False}
        return await super().complete_login(request, response, user, forgotten)


def _not_too_long(password: str) -> None:
    if len(password) > 128:
        raise ValueError("String should have at most 128 characters")


def keyword_arguments(*, blocklist: PasswordValidator) -> SecuritySettings:
    """Made anew for each CRUDAuth, as transports belong to one.

    `blocklist` raises ValueError for common and breached passwords; the list is the
    app's own to choose.
    """
    return {
        "SECRET_KEY": SECRET_KEY,
        "transports": [
            # session lifetime [sessions]
            IdleSessionTransport(
                session_timeout_minutes=30,
                absolute_timeout_hours=12,
                cookie_name="__Host-session_id",
                csrf_cookie_name="csrf_token",
            ),
            # token lifetime [tokens]
            BearerTransport(
                access_ttl=900,
                refresh_ttl_days=7,
            ),
        ],
        "trusted_proxy_hops": TRUSTED_PROXY_HOPS,
        # cookie __Host-session_id [cookies.__Host-session_id]
        # cookie csrf_token [cookies.csrf_token]
        # cookie refresh_token [cookies.refresh_token]
        "cookies": CookieConfig(
            secure=True,
            samesite="lax",
            path="/",
        ),
        # tokens [tokens.algorithms]
        "algorithm": "HS256",
        # shared state [state.backend]: sessions, one-time tokens, lockout and limits
        "redis_url": REDIS_URL,
        # lockout [lockout]: by account and by address, each by itself
        "lockout": LockoutConfig(
            max_attempts=10,
            attempt_window_seconds=3600,
            lockout_base_seconds=3600,
            lockout_max_seconds=3600,
        ),
        # rate limit password_reset: counted before the app
        # rate limit sign_in: counted before the app
        # rate limit sign_up: counted before the app
        # CRUDAuth's own limits stay behind these: `rate_limits.enforced_by` can say "app"
        # passwords [passwords]
        "password_policy": PasswordPolicy(
            min_length=15,
            validators=[_not_too_long, blocklist],
        ),
    }


def lifespan(
    auth: CRUDAuth,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Opens what CRUDAuth keeps its state in with the app, and closes it with the app."""

    @asynccontextmanager
    async def open_while_running(_: FastAPI) -> AsyncIterator[None]:
        await auth.initialize()
        try:
            yield
        finally:
            await auth.shutdown()

    return open_while_running
