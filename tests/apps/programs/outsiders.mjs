// What pages load from elsewhere, in the place of the real thing: Turnstile, Google's sign-in, three CDNs, and a stranger.
import fs from 'node:fs';
import https from 'node:https';

const [port, cert, key] = process.argv.slice(2);

const hosts = {
  'challenges.cloudflare.com': (url) => url.pathname.endsWith('.js')
    ? ['text/javascript', `
      window.turnstile = { render(place, { callback }) {
        const frame = document.querySelector(place).appendChild(document.createElement('iframe'));
        frame.src = 'https://challenges.cloudflare.com/frame';
        addEventListener('message', ({ origin, data }) => {
          if (origin === 'https://challenges.cloudflare.com') callback(data);
        });
      } };
      window[new URL(document.currentScript.src).searchParams.get('onload')]();`]
    : ['text/html', "<script>parent.postMessage('solved', '*')</script>"],
  'accounts.google.com': (url) => {
    // Chromium itself asks its maker for other things.
    if (!url.searchParams.has('redirect_uri')) return ['text/plain', ''];
    const back = new URL(url.searchParams.get('redirect_uri'));
    back.searchParams.set('state', url.searchParams.get('state'));
    back.searchParams.set('code', 'yes');
    return [302, back.href];
  },
  // Builds styles in the browser.
  'cdn.tailwindcss.com': () => ['text/javascript', `
    document.head.appendChild(document.createElement('style')).textContent = 'h1 { color: rgb(1, 2, 3) }';`],
  'cdnjs.cloudflare.com': () => ['text/css', '.fas { color: rgb(4, 5, 6) }'],
  // Makes functions of the text in attributes.
  'cdn.jsdelivr.net': () => ['text/javascript', `
    const data = new Function('return ' + document.body.getAttribute('x-data'))();
    for (const element of document.querySelectorAll('[x-text]'))
      element.textContent = new Function(...Object.keys(data), 'return ' + element.getAttribute('x-text'))(...Object.values(data));`],
  'evil.example': () => ['text/javascript', "document.title = 'taken over';"],
};

https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, (request, response) => {
  const url = new URL(request.url, `https://${request.headers.host}`);
  const [type, text] = hosts[url.hostname](url);
  if (type === 302) response.writeHead(302, { Location: text });
  else response.writeHead(200, { 'Content-Type': type });
  response.end(type === 302 ? '' : text);
}).listen(Number(port), '127.0.0.1');
