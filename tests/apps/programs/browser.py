"""Drives a real Chromium: reads steps as lines of JSON, and prints for each what it told, and what the console said.

`["open", url]`, `["type", selector, text]`, `["click", selector]`, `["wait", expression]`, `["tell", expression]`. The first
line says where hosts are: `{"shop.example.com": 8443}`. All other hosts are nowhere.
"""

import asyncio
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from websockets.asyncio.client import connect

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--ignore-certificate-errors",
    "--remote-debugging-port=0",
]
PATIENCE = 15


class Page:
    def __init__(self, socket):
        self.socket, self.numbers, self.waiting, self.said = socket, itertools.count(1), {}, []
        self.session = None

    async def listen(self):
        async for message in self.socket:
            message = json.loads(message)
            if "id" in message:
                self.waiting.pop(message["id"]).set_result(message)
            elif message["method"] == "Runtime.consoleAPICalled":
                self.said.append(" ".join(str(one.get("value", one.get("description"))) for one in message["params"]["args"]))
            elif message["method"] == "Runtime.exceptionThrown":
                self.said.append(message["params"]["exceptionDetails"].get("exception", {}).get("description", "an error"))
            elif message["method"] == "Log.entryAdded":
                entry = message["params"]["entry"]
                # Hints, such as on `autocomplete`, are no complaints.
                if entry["level"] != "verbose":
                    self.said.append(f"{entry['text']} {entry.get('url', '')}".strip())

    async def ask(self, method, **params):
        number = next(self.numbers)
        asked = {"id": number, "method": method, "params": params}
        if self.session:
            asked["sessionId"] = self.session
        self.waiting[number] = asyncio.get_running_loop().create_future()
        answer = self.waiting[number]
        await self.socket.send(json.dumps(asked))
        answer = await asyncio.wait_for(answer, PATIENCE)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    async def tell(self, expression):
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    async def wait(self, expression):
        for _ in range(PATIENCE * 20):
            try:
                if await self.tell(expression):
                    return True
            except RuntimeError:
                # Between two pages.
                pass
            await asyncio.sleep(0.05)
        return False

    async def act(self, selector, action):
        found = f"document.querySelector({json.dumps(selector)})"
        if not await self.wait(f"{found} !== null"):
            raise RuntimeError(f"the page has no {selector}")
        await self.ask("Runtime.evaluate", expression=f"{found}.{action}()", userGesture=True)

    async def step(self, kind, first, second=None):
        match kind:
            case "open":
                await self.ask("Page.navigate", url=first)
                return await self.wait("document.readyState === 'complete'")
            case "type":
                await self.act(first, "focus")
                await self.ask("Input.insertText", text=second)
            case "click":
                await self.act(first, "click")
            case "wait":
                return await self.wait(first)
            case "tell":
                return await self.tell(first)


async def main():
    hosts = json.loads(sys.stdin.readline())
    rules = [f"MAP {host} 127.0.0.1:{port}" for host, port in hosts.items()] + ["MAP * ~NOTFOUND"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        asked = [*FLAGS, f"--user-data-dir={folder}", f"--host-resolver-rules={', '.join(rules)}", "about:blank"]
        with subprocess.Popen(["chromium", *asked], stderr=subprocess.DEVNULL) as browser:
            try:
                place = Path(folder, "DevToolsActivePort")
                for _ in range(PATIENCE * 20):
                    if place.exists() and place.read_text().count("\n"):
                        break
                    await asyncio.sleep(0.05)
                port, path = place.read_text().split()
                async with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as socket:
                    page = Page(socket)
                    listener = asyncio.create_task(page.listen())
                    target = (await page.ask("Target.createTarget", url="about:blank"))["targetId"]
                    page.session = (await page.ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
                    for domain in ["Page", "Runtime", "Log"]:
                        await page.ask(f"{domain}.enable")
                    for line in sys.stdin:
                        told = await page.step(*json.loads(line))
                        said, page.said = page.said, []
                        print(json.dumps({"told": told, "said": said}))
                    listener.cancel()
            finally:
                browser.kill()


asyncio.run(main())
