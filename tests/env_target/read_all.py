"""What a reader makes of 0.env, 1.env and so on in this folder, as a JSON list: python-dotenv or django-environ."""

import json
import os
import sys
from pathlib import Path


def python_dotenv(path: str) -> dict:
    from dotenv import dotenv_values

    return dict(dotenv_values(path))


def django_environ(path: str) -> dict:
    import environ

    before = dict(os.environ)
    environ.Env.read_env(path)
    names = [name for name in os.environ if name not in before]
    env = environ.Env()
    read = {}
    for name in names:
        try:
            read[name] = env.str(name)
        except environ.ImproperlyConfigured:
            read[name] = None
    for name in names:
        del os.environ[name]
    return read


reader = {"python-dotenv": python_dotenv, "django-environ": django_environ}[sys.argv[1]]
try:
    reader(os.devnull)
except ModuleNotFoundError:
    print("null")
    sys.exit()
count = len(list(Path().glob("*.env")))
print(json.dumps([reader(f"{index}.env") for index in range(count)]))
