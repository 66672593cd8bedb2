"""An SMTP server that keeps what it gets.

    smtp.py PORT FOLDER [CERTIFICATE KEY starttls|implicit]

Each mail becomes a file in FOLDER, and its path a line on stdout. The first line is `listening`. With a certificate it
speaks TLS: from the first byte, or after STARTTLS, which is then demanded before any mail. What comes without TLS is
repeated on stderr.
"""

import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP


def is_encrypted(server):
    return server.transport is not None and server.transport.get_extra_info("ssl_object") is not None


class Keeper:
    def __init__(self, folder):
        self.folder = folder
        self.count = len(list(folder.iterdir()))

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = self.folder / f"{self.count}.eml"
        head = "".join(f"X-Rcpt-To: {to}\r\n" for to in envelope.rcpt_tos)
        head += f"X-Encrypted: {is_encrypted(server)}\r\n"
        path.write_bytes(head.encode() + envelope.original_content)
        print(path, flush=True)
        return "250 kept"


class Listening(SMTP):
    def data_received(self, data):
        if not is_encrypted(self):
            sys.stderr.buffer.write(data)
            sys.stderr.flush()
        super().data_received(data)


async def main(port, folder, certificate=None, key=None, mode=None):
    keeper = Keeper(pathlib.Path(folder))
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()

    def protocol():
        starttls = context if mode == "starttls" else None
        return Listening(
            keeper,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname="smtp.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            loop=loop,
        )

    implicit = context if mode == "implicit" else None
    server = await loop.create_server(protocol, "127.0.0.1", int(port), ssl=implicit, reuse_address=True)
    print("listening", flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
