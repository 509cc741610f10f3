"""An app that leaves all of its security to the module beside it and the `.env`."""

import asyncio
import os
import sys

from crudauth import AuthUserMixin, CRUDAuth, Principal
from crudauth.utils import get_client_ip
from fastapi import Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

import security_settings

engine = create_async_engine(os.environ["DATABASE_URL"])
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class User(Base, AuthUserMixin):
    __tablename__ = "users"


async def session():
    async with sessions() as open_session:
        yield open_session


def blocklist(password):
    if "password" in password:
        raise ValueError("This password is a common one")


auth = CRUDAuth(
    session=session,
    user_model=User,
    **security_settings.keyword_arguments(blocklist=blocklist),
)
app = FastAPI(lifespan=security_settings.lifespan(auth))
app.include_router(auth.router)


@app.middleware("http")
async def say_who_answers(request: Request, call_next):
    response = await call_next(request)
    response.headers["X-Worker"] = str(os.getpid())
    # The next request is for whichever worker takes it.
    response.headers["Connection"] = "close"
    return response


@app.get("/address")
async def address(request: Request):
    return get_client_ip(request, security_settings.TRUSTED_PROXY_HOPS)


@app.get("/mine")
async def mine(user: Principal = Depends(auth.current_user())):
    return user.user_id


async def create_tables():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


if __name__ == "__main__":
    asyncio.run(create_tables())
    sys.exit(0)
