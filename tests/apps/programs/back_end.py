"""A back end with the sign-in of InstaCRUD: by password and Turnstile's answer, and by Google, whose return it sends on to
the front end; with the headers that it sends by itself."""

import secrets

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

FRONT_END = "https://shop.example.com"

app = FastAPI()
tokens: set[str] = set()
codes: dict[str, str] = {}


def token() -> dict[str, str]:
    made = secrets.token_urlsafe(16)
    tokens.add(made)
    return {"access_token": made}


@app.middleware("http")
async def own_headers(request: Request, call_next):
    answer = await call_next(request)
    answer.headers["Content-Security-Policy"] = "default-src 'self'"
    answer.headers["X-Frame-Options"] = "DENY"
    return answer


@app.post("/api/v1/signin")
async def sign_in(who: dict[str, str], cf_turnstile_token: str = Header()):
    if who["password"] != "not a real password" or cf_turnstile_token != "solved":
        raise HTTPException(401)
    return token()


@app.get("/api/v1/signin/google")
async def to_google(request: Request):
    state = secrets.token_urlsafe(8)
    back = request.url_for("from_google")
    answer = RedirectResponse(f"https://accounts.google.com/o/oauth2/v2/auth?state={state}&redirect_uri={back}")
    answer.set_cookie("session", state, httponly=True, samesite="lax")
    return answer


@app.get("/api/v1/signin/google/callback")
async def from_google(request: Request, state: str, code: str):
    if request.cookies.get("session") != state or code != "yes":
        raise HTTPException(400)
    made = secrets.token_urlsafe(8)
    codes[made] = token()["access_token"]
    return RedirectResponse(f"{FRONT_END}/oauth/callback?session_code={made}")


@app.get("/api/v1/session")
async def session(session_code: str):
    return {"access_token": codes.pop(session_code)}


@app.get("/api/v1/me")
async def me(authorization: str = Header()):
    if authorization.removeprefix("Bearer ") not in tokens:
        raise HTTPException(401)
    return {"name": "Ada"}


@app.post("/api/v1/resetPassword")
async def reset(asked: dict[str, str]):
    return {"saved": bool(asked["token"] and asked["password"])}


@app.get("/api/v1/documents/page", response_class=HTMLResponse)
async def page():
    # What somebody uploaded, and the API shows as a page.
    return "<title>an upload</title><script>document.title = 'it ran'</script>"
