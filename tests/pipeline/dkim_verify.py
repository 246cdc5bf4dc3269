"""Judges signed mails with dkimpy, a verifier of another hand. Usage: dkim_verify.py MAILS RECORDS

MAILS has one JSON text a line, a raw message; RECORDS maps names in the DNS to TXT records. Prints one JSON object:
mails, signatures, good (verified, with every header of `wanted` that the mail has signed), caught (changed copies that
no longer verify) and tried (changed copies).
"""

import json
import sys

import dkim

WANTED = ["from", "to", "subject", "date", "message-id", "mime-version", "content-type"]
LISTS = ["list-id", "list-unsubscribe", "list-unsubscribe-post"]


def main(mails, records):
    with open(records) as file:
        dns = {name.rstrip("."): value.encode() for name, value in json.load(file).items()}

    def txt(name, timeout=5):
        return dns.get(name.decode().rstrip("."))

    def verified(raw, index):
        try:
            return dkim.DKIM(raw).verify(index, dnsfunc=txt)
        except dkim.DKIMException:
            return False

    told = {"mails": 0, "signatures": 0, "good": 0, "lists": 0, "tried": 0, "caught": 0}
    with open(mails) as file:
        raws = [json.loads(line).encode() for line in file]
    for number, raw in enumerate(raws):
        told["mails"] += 1
        headers = [name.lower().decode() for name, _ in dkim.rfc822_parse(raw)[0]]
        count = headers.count("dkim-signature")
        told["signatures"] += count
        good = count > 0
        for index in range(count):
            signer = dkim.DKIM(raw)
            good &= bool(signer.verify(index, dnsfunc=txt))
            signed = [name.decode().lower() for name in signer.include_headers]
            good &= all(name in signed for name in WANTED)
            good &= signed.count("from") == 2
            good &= all(name in signed for name in LISTS if name in headers)
        told["good"] += good
        told["lists"] += all(name in headers for name in LISTS)
        if number % 10 == 0:
            changed = [
                raw.replace(b"List-Unsubscribe: <http", b"List-Unsubscribe: <https", 1),
                raw.replace(b"List-Id: ", b"List-Id: x", 1),
                b"From: Somebody <else@example.org>\r\n" + raw,
                b"Reply-To: else@example.org\r\n" + raw,
                raw.rstrip(b"\r\n") + b"!\r\n",
            ]
            for copy in changed:
                for index in range(count):
                    told["tried"] += 1
                    told["caught"] += copy != raw and not verified(copy, index)
    print(json.dumps(told))


main(*sys.argv[1:])
