"""A small internet on loopback: real sockets, real TLS, names and addresses of our choosing.

The download resolves and connects through two functions; here a name has the addresses a test
gives it, and a public address leads to a local server. Everything else, from the TLS handshake
to the last chunk, is the real thing. Each server sends raw bytes, so that it may lie.
"""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PUBLIC = "93.184.216.34"
OTHER_PUBLIC = "151.101.1.69"

Script = Callable[[bytes, socket.socket], None]
"""Given the request and the connection, answers whatever it likes."""


def says(*parts: bytes) -> Script:
    """A server that sends these bytes and closes."""

    def answer(_: bytes, connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return answer


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An honest response; an underscore in a header's name stands for a dash."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("Content-Length", str(len(body)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


class Server:
    """A listening socket, one thread a connection; `requests` holds what was asked."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with self._secured(connection) as stream:
                request = stream.recv(65536)
                self.requests.append(request)
                self._script(request, stream)
                if isinstance(stream, ssl.SSLSocket):
                    stream.unwrap().close()
        except (OSError, ValueError):
            return  # the client hung up, as it should on many of these servers
        finally:
            connection.close()

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection


class Internet:
    """Names, addresses and the servers behind them; keeps a record of every connection."""

    def __init__(self, directory: Path) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.connections: list[tuple[str, int]] = []
        self.lookups: list[str] = []
        self._servers: list[Server] = []
        self._routes: dict[str, int] = {}
        self._authority = Authority(directory)

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client trusts here."""
        return ssl.create_default_context(cafile=str(self._authority.certificate))

    def serve(
        self,
        script: Script,
        name: str = "files.example.com",
        address: str = PUBLIC,
        certificate_name: str | None = None,
    ) -> Server:
        """Put an https server behind a name and an address."""
        server = Server(script, self._authority.server_context(certificate_name or name))
        self._servers.append(server)
        self._routes[address] = server.port
        self.names.setdefault(name, [[address]])
        return server

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Answer as told; of several answers each is given once, the last one for ever."""
        self.lookups.append(host)
        answers = self.names.get(host)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, f"unknown {host}")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: str, port: int, timeout: float) -> socket.socket:
        """Lead an address to its server."""
        ipaddress.ip_address(address)
        self.connections.append((address, port))
        if address not in self._routes:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self._routes[address]), timeout)

    def close(self) -> None:
        for server in self._servers:
            server.close()


class Authority:
    """A certificate authority of a test session."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
        builder = self._builder(self._name, self._key)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), False
        )
        builder = builder.add_extension(
            x509.KeyUsage(True, False, False, False, False, True, True, False, False), True
        )
        self.certificate = directory / "authority.pem"
        self._write(self.certificate, builder.sign(self._key, hashes.SHA256()))

    def server_context(self, name: str) -> ssl.SSLContext:
        """What a server of that name presents."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = self._builder(subject, key).add_extension(names, False)
        certificate = builder.add_extension(issuer_key, False).sign(self._key, hashes.SHA256())
        path = self._directory / f"{name}-{id(key)}.pem"
        self._write(path, certificate, key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )

    @staticmethod
    def _write(
        path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey | None = None
    ) -> None:
        data = certificate.public_bytes(serialization.Encoding.PEM)
        if key:
            data += key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        path.write_bytes(data)


@contextmanager
def internet(directory: Path) -> Iterator[Internet]:
    net = Internet(directory)
    try:
        yield net
    finally:
        net.close()
