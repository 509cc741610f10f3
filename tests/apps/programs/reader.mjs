// A Node server that finds the path of a request as the URL standard says: backslashes are slashes, and what follows
// two slashes is a host's name. Then it decodes the path, as routers do.
import http from 'node:http';

const [port] = process.argv.slice(2);

const server = http.createServer((request, response) => {
  const say = (status, text) => {
    response.writeHead(status, { 'Content-Type': 'text/plain', 'Cache-Control': 'public, max-age=60' });
    response.end(text);
  };
  try {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname).toLowerCase();
    if (/^\/docs(\/|$)/.test(path)) say(200, 'the documentation');
    else if (/^\/api\/v1\/signin\/?$/.test(path)) say(200, 'signed in');
    else if (path.startsWith('/me/')) say(200, 'my own');
    else say(200, `nothing at ${path}`);
  } catch {
    say(400, 'no path');
  }
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '127.0.0.1');
