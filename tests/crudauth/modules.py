"""What Python makes of rendered modules. One question per line of standard input, as
JSON; one answer per line of standard output."""

import ast
import asyncio
import dataclasses
import importlib.util
import json
import os
import sys
from pathlib import Path


def literal(text):
    """The value of a literal."""
    return ast.literal_eval(text)


def vocabulary(path):
    """The kinds of statements and expressions of a module, and every name in it."""
    words = set()
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="ascii"))):
        names = (value for field, value in ast.iter_fields(node) if field != "value")
        names = [value for value in names if isinstance(value, str)]
        words.add(" ".join([type(node).__name__, *names]))
    return sorted(words)


def load(path):
    spec = importlib.util.spec_from_file_location("security_settings", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain(value):
    """A value as JSON can say it: functions by name, secrets and backends not at all."""
    if dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {name: plain(field) for name, field in fields.items()}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    return getattr(value, "__name__", type(value).__name__)


def database_store():
    from crudauth import DatabaseStore
    from sqlalchemy.ext.asyncio import create_async_engine

    return DatabaseStore(create_async_engine("sqlite+aiosqlite://"))


def built(path, environment):
    """What CRUDAuth is told, once it has taken it and was opened and closed."""
    from crudauth import AuthUserMixin, CRUDAuth, make_auth_identity
    from sqlalchemy.orm import DeclarativeBase

    os.environ.clear()
    os.environ.update(environment)
    module = load(path)
    brings = {"blocklist": lambda: lambda password: None, "database_store": database_store}
    asked = module.keyword_arguments.__annotations__
    arguments = module.keyword_arguments(**{name: bring() for name, bring in brings.items() if name in asked})

    class Base(DeclarativeBase):
        pass

    identity = make_auth_identity(mfa=True) if "mfa" in arguments else AuthUserMixin

    class User(Base, identity):
        __tablename__ = "users"

    async def session():
        yield None

    auth = CRUDAuth(session=session, user_model=User, **arguments)

    async def run():
        async with module.lifespan(auth)(None):
            pass

    if "redis_url" not in arguments and "rate_limiter" not in arguments:
        asyncio.run(run())
    session_transport = auth.transports[0]
    told = {name: value for name, value in arguments.items() if name != "SECRET_KEY"}
    told["session"] = {
        "class": type(session_transport).__name__,
        "backend": session_transport.backend,
        "cookie_name": getattr(session_transport, "cookie_name", None),
        "timeout": session_transport.session_timeout_minutes,
        "absolute": getattr(session_transport, "absolute_timeout_hours", None),
    }
    told["lockout_in_effect"] = auth.runtime.lockout.max_attempts
    return plain(told)


def main():
    answers = {"literal": literal, "vocabulary": vocabulary, "built": built}
    for line in sys.stdin:
        question, *arguments = json.loads(line)
        try:
            answer = {"ok": answers[question](*arguments)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer))


main()
