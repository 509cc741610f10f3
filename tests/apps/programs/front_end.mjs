// A front end as Next.js sends one: scripts in the page, without a nonce and different on every page; a bundle that finds out
// by the address what to show; styles that scripts add; pictures as `data:` and `blob:` addresses. It signs in as InstaCRUD's
// does: by JSON, with Turnstile's answer in a header.
import http from 'node:http';

const [port] = process.argv.slice(2);

const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

const page = (path) => `<!DOCTYPE html><html lang="en"><head>
<link rel="stylesheet" href="/_next/static/css/app.css">
<script>document.documentElement.classList.add('themed');</script>
<script src="/_next/static/chunks/main.js" defer></script>
<title>Shop</title></head>
<body style="margin: 0"><img src="${PIXEL}" alt=""><main id="root"></main>
<script>(self.__next_f = self.__next_f || []).push([0]);</script>
<script>self.__next_f.push([1, ${JSON.stringify(path)}]);</script></body></html>`;

const bundle = `
const root = document.getElementById('root');
const show = (html) => { root.innerHTML = html; };
const tell = (text) => { document.title = text; };

async function post(path, body, headers = {}) {
  const asked = { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
  const answer = await fetch(path, asked);
  return [answer.status, await answer.json()];
}

async function welcome(token) {
  localStorage.setItem('token', token);
  const me = await (await fetch('/api/v1/me', { headers: { Authorization: 'Bearer ' + token } })).json();
  history.pushState(null, '', '/');
  // The map on the first page comes as code in texts.
  const map = new Function('return "map"')();
  show('<h1 class="greeting">Hello, ' + me.name + '</h1><p>' + map + '</p>');
  const style = document.head.appendChild(document.createElement('style'));
  style.textContent = '.greeting { color: rgb(1, 2, 3) }';
  const picture = await (await fetch('${PIXEL}')).blob();
  const image = root.appendChild(document.createElement('img'));
  image.onload = () => tell('signed in');
  image.src = URL.createObjectURL(picture);
}

function signIn() {
  show('<form><input name="email"><input name="password" type="password"><div id="widget"></div>'
    + '<button>Sign in</button></form><button id="google">Google</button>');
  let answer = null;
  window.widgetReady = () => turnstile.render('#widget', { callback: (token) => { answer = token; tell('ready'); } });
  const script = document.head.appendChild(document.createElement('script'));
  script.src = 'https://challenges.cloudflare.com/turnstile/v0/api.js?onload=widgetReady';
  root.querySelector('form').onsubmit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const who = { email: form.get('email'), password: form.get('password') };
    const [status, body] = await post('/api/v1/signin', who, { 'CF-Turnstile-Token': answer });
    if (status === 200) await welcome(body.access_token); else tell('refused: ' + status);
  };
  document.getElementById('google').onclick = () => { window.location.href = '/api/v1/signin/google'; };
}

const [, path] = self.__next_f.find(([kind]) => kind === 1);
const asked = new URLSearchParams(location.search);
if (path === '/signin') signIn();
else if (path === '/oauth/callback') {
  fetch('/api/v1/session?session_code=' + asked.get('session_code')).then((answer) => answer.json())
    .then((body) => welcome(body.access_token));
} else if (path === '/reset-password') {
  show('<form><input name="password" type="password"><button>Save</button></form>');
  root.querySelector('form').onsubmit = async (event) => {
    event.preventDefault();
    const password = new FormData(event.target).get('password');
    const [status] = await post('/api/v1/resetPassword', { token: asked.get('token'), password });
    tell('saved: ' + status);
  };
  tell('reset');
}
`;

http.createServer((request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname;
  const say = (type, text) => {
    response.writeHead(200, { 'Content-Type': type, 'X-Powered-By': 'Next.js' });
    response.end(text);
  };
  if (path === '/_next/static/chunks/main.js') say('text/javascript', bundle);
  else if (path === '/_next/static/css/app.css') say('text/css', '.themed body { background: rgb(4, 5, 6) }');
  else say('text/html', page(path));
}).listen(Number(port), '127.0.0.1');
