"""A mail server that refuses by table, for scripts/bounces: `refusing.py PORT CASES FOLDER`.

CASES is a JSON list of {id, at, reply}; a recipient whose name begins with an id gets that reply, at RCPT or after the
dot. Everything else is taken and written into FOLDER, a file each: these are the bounces that the server under test
sends back through us.
"""

import asyncio
import json
import pathlib
import sys

PORT, CASES, FOLDER = int(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
TABLE = {case["id"]: case for case in json.loads(pathlib.Path(CASES).read_text())}
taken = 0


async def serve(reader, writer):
    try:
        await converse(reader, writer)
    except ConnectionError:
        pass  # the other side hung up


async def converse(reader, writer):
    global taken

    def say(text):
        writer.write("".join(f"{line}\r\n" for line in text.split("\n")).encode())

    say("220 refusing.example ESMTP")
    refusal, sender = None, ""
    while line := await reader.readline():
        text = line.decode(errors="replace").strip()
        verb = text.upper()
        if verb.startswith("EHLO"):
            say("250-refusing.example\n250-ENHANCEDSTATUSCODES\n250 8BITMIME")
        elif verb.startswith("HELO"):
            say("250 refusing.example")
        elif verb.startswith("MAIL"):
            refusal, sender = None, text
            say("250 2.1.0 ok")
        elif verb.startswith("RCPT"):
            address = text.split("<", 1)[-1].split(">", 1)[0]
            case = TABLE.get(address.split(".")[0].split("@")[0])
            reply = case and case["reply"].replace("{to}", address)
            if case and case["at"] == "rcpt":
                say(reply)
                if reply.startswith("421"):
                    break
            else:
                refusal = reply
                say("250 2.1.5 ok")
        elif verb.startswith("DATA"):
            say("354 go on")
            await writer.drain()
            lines = []
            while (line := await reader.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            if refusal:
                say(refusal)
            else:
                taken += 1
                (FOLDER / f"{taken:04}.eml").write_bytes(b"".join(lines))
                say("250 2.0.0 taken")
        elif verb.startswith("QUIT"):
            say("221 bye")
            break
        else:
            say("250 ok")
        await writer.drain()
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT)
    print("listening", flush=True)
    await server.serve_forever()


asyncio.run(main())
