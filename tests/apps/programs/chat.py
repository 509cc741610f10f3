"""Says something to WebSockets, side by side, and prints what each answers: a line of JSON for each address."""

import asyncio
import json
import ssl
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

# The certificate of the test is its own: what it proves is not under test.
ANY = ssl.create_default_context()
ANY.check_hostname = False
ANY.verify_mode = ssl.CERT_NONE


async def ask(port: str, path: str) -> str:
    url = f"wss://shop.example.com/{path.lstrip('/')}"
    try:
        async with connect(url, ssl=ANY, host="127.0.0.1", port=int(port), proxy=None) as socket:
            await socket.send("hello")
            return await asyncio.wait_for(socket.recv(), 8)
    except ConnectionClosed:
        return "closed"


async def main() -> None:
    asked = [argument.split("=", 1) for argument in sys.argv[1:]]
    print(json.dumps(await asyncio.gather(*(ask(port, path) for port, path in asked))))


asyncio.run(main())
