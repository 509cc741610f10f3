"""What comes bit by bit: server-sent events and a WebSocket, with a silence between that is longer than an answer may take
to begin."""

import asyncio

from fastapi import FastAPI, WebSocket
from fastapi.responses import StreamingResponse

SILENCE = 1.7

app = FastAPI()


async def events():
    yield "data: first\n\n"
    await asyncio.sleep(SILENCE)
    yield "data: second\n\n"


@app.get("/live/events")
async def live():
    return StreamingResponse(events(), media_type="text/event-stream")


@app.get("/slow")
async def slow():
    await asyncio.sleep(SILENCE)
    return "at last"


@app.websocket("/live/chat")
@app.websocket("/chat")
async def chat(socket: WebSocket):
    await socket.accept()
    said = await socket.receive_text()
    await asyncio.sleep(SILENCE)
    await socket.send_text(f"you said {said}")
    await socket.close()
