"""HTTP/1 as it is seldom written: each case is a server and a client of a few raw calls.

usage: http-cases.py [SERVER_CGROUP CLIENT_CGROUP]

The server is a process of its own, and both enter the cgroup (a folder) that is named. Prints "ready" once the connections of
the cases `late` and `late-body` are open, waits for a line, runs the cases one after the other, and prints one line of JSON for each: its
port, and what spans the server and the client have, as [method, target, status], with status 0 for none.
"""

import array
import json
import os
import socket
import sys
import threading
import time

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
TRACEPARENT = f"traceparent: 00-{TRACE}-{PARENT}-01\r\n".encode()
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"


# -- servers ------------------------------------------------------------------------------------------------------------


def head_of(connection, rest=b"", size=65536):
    """The next head, read in pieces of this size, and what came behind it; None at the end."""
    while b"\r\n\r\n" not in rest:
        piece = connection.recv(size)
        if not piece:
            return None, b""
        rest += piece
    head, rest = rest.split(b"\r\n\r\n", 1)
    return head, rest


def length_of(head):
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def body_of(connection, head, rest):
    """Reads the body; what came behind it."""
    length = length_of(head)
    while len(rest) < length:
        piece = connection.recv(65536)
        if not piece:
            return None
        rest += piece
    return rest[length:]


def answering(*pieces, pause=0.0):
    """A server that answers each request with these writes."""

    def serve(connection):
        rest = b""
        while True:
            head, rest = head_of(connection, rest)
            if head is None:
                return
            rest = body_of(connection, head, rest)
            for i, piece in enumerate(pieces):
                if i:
                    time.sleep(pause)
                connection.sendall(piece)

    return serve


def byte_first(connection):
    """As Go's server does, which waits for the next request by a read of one byte."""
    while first := connection.recv(1):
        head, rest = head_of(connection, first)
        body_of(connection, head, rest)
        connection.sendall(OK)


def reading(size):
    def serve(connection):
        while head_of(connection, size=size)[0] is not None:
            connection.sendall(OK)

    return serve


def answer_all_at_once(connection):
    rest = b""
    while True:
        piece = connection.recv(65536)
        if not piece:
            return
        rest += piece
        count = rest.count(b"\r\n\r\n")
        if count == 4:
            connection.sendall(OK * count)
            rest = b""


def once(*pieces, pause=0.0):
    """As answering(), and closes."""

    def serve(connection):
        head_of(connection)
        for i, piece in enumerate(pieces):
            if i:
                time.sleep(pause)
            connection.sendall(piece)

    return serve


def continue_first(connection):
    head, rest = head_of(connection)
    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body_of(connection, head, rest)
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    connection.recv(1)


def hang_up(connection):
    head_of(connection)
    time.sleep(0.05)


def switch_protocols(connection):
    head_of(connection)
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    while data := connection.recv(100):
        connection.sendall(data)


def tunnel(connection):
    head_of(connection)
    connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    while data := connection.recv(100):
        connection.sendall(OK if data.startswith(b"GET") else data)


def chunks_in_pieces(connection):
    """As Node writes what a program wrote piece by piece."""
    while head_of(connection)[0] is not None:
        connection.sendmsg([CHUNKED] + [b"3c", b"\r\n", b"hello" * 12, b"\r\n"] * 10 + [b"0\r\n\r\n"])


def in_pieces(connection):
    rest = b""
    while True:
        head, rest = head_of(connection, rest)
        if head is None:
            return
        connection.sendmsg([b"", b"HTTP/1.1 202 Acc", b"epted\r\nContent-Le", b"ngth: 3\r\n\r\n", b"abc"])


def scattered(connection):
    small, large = bytearray(7), bytearray(4096)
    connection.recvmsg_into([small, large])
    connection.sendall(OK)
    connection.recv(1)


def peeking(connection):
    connection.recv(100, socket.MSG_PEEK)
    connection.recv(100, socket.MSG_PEEK)
    answering(OK)(connection)


def pass_on(connection):
    """Hands the connection to another process, over a unix socket."""
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    if os.fork() == 0:
        _, control, _, _ = theirs.recvmsg(1, socket.CMSG_LEN(4))
        passed = array.array("i")
        passed.frombytes(control[0][2][:4])
        answering(OK)(socket.socket(fileno=passed[0]))
        os._exit(0)
    ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection.fileno()]))])
    connection.close()
    os.wait()


def refuse_early(connection):
    head_of(connection)
    connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    time.sleep(0.05)
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
    except OSError:
        pass


def send_file(connection):
    head_of(connection)
    with open(__file__, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        sent = 0
        while sent < size:
            sent += os.sendfile(connection.fileno(), file.fileno(), sent, size - sent)
    connection.recv(1)


def send_with_end(connection, message):
    """Its last bytes and the end of the stream go in one segment, so that the other side reads both in one call."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    connection.sendall(message)
    connection.shutdown(socket.SHUT_WR)


def behind_proxy(connection):
    time.sleep(0.02)
    first = connection.recv(65536)
    _, rest = head_of(connection, first[16 + 12 :] if first[:1] == b"\r" else first)
    connection.sendall(OK)
    answering(OK)(connection)


def answer_and_end(connection):
    time.sleep(0.02)
    head_of(connection)
    send_with_end(connection, OK)
    connection.recv(1)


def splice_through(source, target, size):
    """Moves bytes without a read of them, as HAProxy does with bodies."""
    out_of, into = os.pipe()
    while size:
        moved = os.splice(source, into, min(size, 65536))
        size -= moved
        while moved:
            moved -= os.splice(out_of, target, moved)
    os.close(out_of)
    os.close(into)


def spliced(connection):
    """The body of a request is spliced away, that of the answer comes from a file."""
    nowhere = os.open("/dev/null", os.O_WRONLY)
    with open("/dev/zero", "rb") as zeros:
        while True:
            head, rest = head_of(connection)
            if head is None:
                return
            splice_through(connection.fileno(), nowhere, length_of(head) - len(rest))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n")
            splice_through(zeros.fileno(), connection.fileno(), 50000)


def echo_other(connection):
    while connection.recv(100):
        connection.sendall(b"+OK\r\n")


# -- clients ------------------------------------------------------------------------------------------------------------


def connect(port, family=socket.AF_INET):
    client = socket.socket(family)
    client.connect(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def call(client, target, body=b"", extra=TRACEPARENT):
    method = b"POST" if body else b"GET"
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    client.sendall(method + b" " + target + b" HTTP/1.1\r\nHost: x\r\n" + extra + length + b"\r\n" + body)
    read_answer(client)


def read_answer(client, rest=b""):
    head, rest = head_of(client, rest)
    body_of(client, head, rest)


def read_until(client, text, count=1):
    seen = b""
    while seen.count(text) < count:
        piece = client.recv(65536)
        if not piece:
            break
        seen += piece


def read_all(client):
    while client.recv(65536):
        pass


def keep_alive(port):
    client = connect(port)
    for i in range(5):
        call(client, b"/keep-alive/%d" % i)
    client.close()


def mixed(port):
    client = connect(port)
    for i in range(3):
        call(client, b"/get/%d" % i)
        call(client, b"/post/%d" % i, b"GET /fake HTTP/1.1\r\n\r\n")
    client.close()


def other_methods(port):
    client = connect(port)
    for method in OTHER_METHODS:
        client.sendall(method.encode() + b" /dav HTTP/1.1\r\nHost: x\r\n\r\n")
        read_answer(client)
    client.close()


def read_byte_by_byte(port):
    client = connect(port)
    for i in range(2):
        client.sendall(b"GET /slowly/%d HTTP/1.1\r\nHost: x\r\n\r\n" % i)
        head, rest = head_of(client, size=1)
        body_of(client, head, rest)
    client.close()


def pipeline_in_one_write(port):
    client = connect(port)
    client.sendall(b"".join(b"GET /pipelined/%d HTTP/1.1\r\nHost: x\r\n\r\n" % i for i in range(4)))
    read_until(client, b"abc", 4)
    client.close()


def pipeline_in_writes(port):
    client = connect(port)
    for i in range(3):
        client.sendall(b"GET /separate/%d HTTP/1.1\r\nHost: x\r\n\r\n" % i)
        time.sleep(0.01)
    read_until(client, b"abc", 3)
    client.close()


def dribble(port):
    client = connect(port)
    head = b"GET /dribbled HTTP/1.1\r\nHost: x\r\nX-Pad: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" + TRACEPARENT + b"\r\n"
    for i in range(0, len(head), 10):
        client.sendall(head[i : i + 10])
        time.sleep(0.002)
    read_answer(client)
    client.close()


def late_traceparent(port):
    client = connect(port)
    client.sendall(b"GET /big-head HTTP/1.1\r\nHost: x\r\nCookie: " + b"c" * 3000 + b"\r\n" + TRACEPARENT + b"\r\n")
    read_answer(client)
    client.close()


def body_like_request(port):
    client = connect(port)
    body = b"GET /fake HTTP/1.1\r\nHost: evil\r\n\r\n" * 50
    client.sendall(b"POST /real HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body))
    time.sleep(0.01)
    client.sendall(body)
    read_answer(client)
    call(client, b"/after")
    client.close()


def expect_continue(port):
    client = connect(port)
    client.sendall(b"POST /continued HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    head_of(client)
    client.sendall(b"hello")
    read_answer(client)
    client.close()


def abort(port):
    client = connect(port)
    client.sendall(b"GET /aborted HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.02)
    client.close()
    time.sleep(0.1)


def websocket(port):
    client = connect(port)
    client.sendall(b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    head_of(client)
    for _ in range(3):
        client.sendall(b"GET /inside HTTP/1.1\r\n\r\n")
        client.recv(100)
    client.close()


def connect_through(port):
    client = connect(port)
    client.sendall(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
    head_of(client)
    client.sendall(b"GET /inside HTTP/1.1\r\n\r\n")
    read_until(client, b"abc")
    client.close()


def simple(target, family=socket.AF_INET):
    def run(port):
        client = connect(port, family)
        call(client, target)
        client.close()

    return run


def read_chunks(port):
    """And stays, so that nothing else tells the end of the last one."""
    client = connect(port)
    for i in range(2):
        client.sendall(b"GET /chunks/%d HTTP/1.1\r\nHost: x\r\n\r\n" % i)
        read_until(client, b"0\r\n\r\n")
    OPEN.append(client)


def write_in_pieces(port):
    client = connect(port)
    os.writev(client.fileno(), [b"GET /wr", b"itev HTTP/1.1\r\nHost: x\r\n", TRACEPARENT, b"\r\n"])
    read_answer(client)
    client.sendmsg([b"GE", b"T /tiny HTTP/1.1\r\n\r\n"])
    read_answer(client)
    client.close()


def read_to_end(target, version=b"1.1"):
    def run(port):
        client = connect(port)
        client.sendall(b"GET " + target + b" HTTP/" + version + b"\r\nHost: x\r\n\r\n")
        read_all(client)
        client.close()

    return run


def head_only(port):
    client = connect(port)
    client.sendall(b"HEAD /head HTTP/1.1\r\nHost: x\r\n\r\n")
    head_of(client)
    client.sendall(b"HEAD /head/2 HTTP/1.1\r\nHost: x\r\n\r\n")
    head_of(client)
    client.close()


def upload(port):
    client = connect(port)
    call(client, b"/upload", b"z" * 3000000)
    call(client, b"/after")
    client.close()


def two_calls(*targets):
    def run(port):
        client = connect(port)
        for target in targets:
            call(client, target)
        client.close()

    return run


def ask_and_end(port):
    client = connect(port)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
    send_with_end(client, b"GET /end HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.05)
    read_answer(client)
    client.close()


def through_proxy(port):
    """A proxy says first for whom it asks; the server reads that with the request."""
    for header in (b"PROXY TCP4 10.1.2.3 10.4.5.6 4711 80\r\n", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + b"a" * 12):
        client = connect(port)
        client.sendall(header)
        call(client, b"/proxied/1")
        call(client, b"/proxied/2")
        client.close()


def read_after_the_end(port):
    """The connection is over when the answer is read: this end was closed first, and the other one is by then."""
    client = connect(port)
    client.sendall(b"GET /half HTTP/1.1\r\nHost: x\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    time.sleep(0.1)
    read_answer(client)
    client.close()


def splice(port):
    client = connect(port)
    nowhere = os.open("/dev/null", os.O_WRONLY)
    for i in range(3):
        client.sendall(b"POST /spliced/%d HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" % i)
        client.sendall(b"z" * 50000)
        head, rest = head_of(client)
        splice_through(client.fileno(), nowhere, length_of(head) - len(rest))
    client.close()


def upload_too_much(port):
    client = connect(port)
    try:
        client.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        client.sendall(b"q" * 50000)
        head_of(client)
    except OSError:
        pass
    client.close()


def two_connections(port):
    first, second = connect(port), connect(port)
    for i in range(3):
        call(first, b"/first/%d" % i)
        call(second, b"/second/%d" % i)
    first.close()
    second.close()


def leave_stream(port):
    """Goes while more would come."""
    client = connect(port)
    client.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    read_until(client, b"hello")
    client.close()
    time.sleep(0.1)


def something_else(*data):
    def run(port):
        client = connect(port)
        for piece in data:
            client.sendall(piece)
            client.recv(100)
        client.close()

    return run


def late(client):
    """On the connection that was open before."""

    def run(port):
        call(client, b"/late/0")
        call(client, b"/late/1")
        client.close()

    return run


def late_body(client):
    """In the middle of a request on the connection that was open before."""

    def run(port):
        for _ in range(LATE_PIECES):
            client.sendall(b"z" * 100)
            time.sleep(0.001)
        read_answer(client)
        call(client, b"/after-body/0")
        call(client, b"/after-body/1")
        client.close()

    return run


# -- cases --------------------------------------------------------------------------------------------------------------

OPEN = []
LATE_PIECES = 200
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


OTHER_METHODS = ["GET", "PROPFIND", "ACL", "VERSION-CTL", "GET"]


def spans(*targets, method="GET", status=200):
    return [[method, target, status] for target in targets]


CASES = {
    "keep-alive": (answering(OK), keep_alive, spans(*[f"/keep-alive/{i}" for i in range(5)])),
    "pipelined-one-write": (answer_all_at_once, pipeline_in_one_write, spans(*[f"/pipelined/{i}" for i in range(4)])),
    "pipelined-writes": (answering(OK), pipeline_in_writes, spans(*[f"/separate/{i}" for i in range(3)])),
    "dribbled-head": (answering(OK), dribble, spans("/dribbled")),
    "byte-first": (
        byte_first,
        mixed,
        spans("/get/0", "/get/1", "/get/2") + spans("/post/0", "/post/1", "/post/2", method="POST"),
    ),
    "other-methods": (answering(OK), other_methods, [[method, "/dav", 200] for method in OTHER_METHODS]),
    "other-methods-byte-first": (byte_first, other_methods, [[method, "/dav", 200] for method in OTHER_METHODS]),
    "read-in-pieces-of-1024": (reading(1024), late_traceparent, spans("/big-head")),
    "byte-by-byte": (reading(1), read_byte_by_byte, spans("/slowly/0", "/slowly/1")),
    "late-traceparent": (answering(OK), late_traceparent, spans("/big-head")),
    "body-like-request": (answering(OK), body_like_request, spans("/real", method="POST") + spans("/after")),
    "continue": (continue_first, expect_continue, spans("/continued", method="POST", status=201)),
    "aborted": (hang_up, abort, spans("/aborted", status=0)),
    "websocket": (switch_protocols, websocket, spans("/socket", status=101)),
    "connect": (tunnel, connect_through, spans("example.com:443", method="CONNECT")),
    "ipv6": (answering(OK), simple(b"/v6", socket.AF_INET6), spans("/v6")),
    "pieces": (in_pieces, write_in_pieces, spans("/writev", "/tiny", status=202)),
    "chunks-in-pieces": (chunks_in_pieces, read_chunks, spans("/chunks/0", "/chunks/1")),
    "scattered": (scattered, simple(b"/scattered"), spans("/scattered")),
    "passed-on": (pass_on, simple(b"/passed"), spans("/passed")),
    "close-delimited": (
        once(b"HTTP/1.0 200 OK\r\n\r\n", b"x" * 1000, b"x" * 1000, b"x" * 1000, pause=0.02),
        read_to_end(b"/old", b"1.0"),
        spans("/old"),
    ),
    "chunked": (
        once(CHUNKED, b"5\r\nhello\r\n", b"3\r\n0\r\n\r\n", b"5\r\nworld\r\n", b"0\r\n\r\n", pause=0.02),
        read_to_end(b"/chunked"),
        spans("/chunked"),
    ),
    "chunked-one-write": (
        answering(CHUNKED + b"3\r\nabc\r\n0\r\n\r\n"),
        pipeline_in_writes,
        spans(*[f"/separate/{i}" for i in range(3)]),
    ),
    "chunks-cut": (
        once(CHUNKED + b"5\r\nhello\r\n", b"5\r\nwo", pause=0.02),
        read_to_end(b"/cut/1"),
        spans("/cut/1"),
    ),
    "chunks-cut-at-once": (once(CHUNKED), read_to_end(b"/cut/2"), spans("/cut/2")),
    "trailers": (
        once(CHUNKED, b"5\r\nhello\r\n0\r\nX: y\r", b"\n\r", b"\n", pause=0.02),
        read_to_end(b"/trailers"),
        spans("/trailers"),
    ),
    "stream-left": (once(CHUNKED, *[b"5\r\nhello\r\n"] * 10, pause=0.02), leave_stream, spans("/stream")),
    "slow-body": (
        once(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc", b"def", pause=1.2),
        read_to_end(b"/slow"),
        spans("/slow"),
    ),
    "head": (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"), head_only, spans("/head", "/head/2", method="HEAD")),
    "no-content": (answering(b"HTTP/1.1 204 No Content\r\n\r\n"), two_calls(b"/a", b"/b"), spans("/a", "/b", status=204)),
    "upload": (answering(OK), upload, spans("/upload", method="POST") + spans("/after")),
    "head-then-body": (
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n", b"y" * 200000, pause=0.03),
        two_calls(b"/body/1", b"/body/2"),
        spans("/body/1", "/body/2"),
    ),
    "sendfile": (send_file, simple(b"/file"), spans("/file")),
    "peeked": (peeking, simple(b"/peeked"), spans("/peeked")),
    "with-their-end": (answer_and_end, ask_and_end, spans("/end")),
    "proxied": (behind_proxy, through_proxy, spans(*["/proxied/1", "/proxied/2"] * 2)),
    "read-after-the-end": (answering(OK), read_after_the_end, spans("/half")),
    "spliced": (spliced, splice, spans(*[f"/spliced/{i}" for i in range(3)], method="POST")),
    "early-answer": (refuse_early, upload_too_much, spans("/early", method="POST", status=413)),
    "two-connections": (
        answering(OK),
        two_connections,
        spans(*[f"/{name}/{i}" for i in range(3) for name in ("first", "second")]),
    ),
    "other-protocol": (echo_other, something_else(*[b"*1\r\n$4\r\nPING\r\n"] * 20), []),
    "http2": (echo_other, something_else(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"), []),
    "tls": (echo_other, something_else(b"\x16\x03\x01\x00\x05hello", b"GET / HTTP/1.1\r\n\r\n"), []),
}


def listen(serve, family):
    server = socket.socket(family)
    server.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    server.listen(64)

    def handle(connection):
        try:
            serve(connection)
        except OSError:
            pass
        connection.close()

    def accept():
        while True:
            connection, _ = server.accept()
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def enter(cgroup):
    with open(os.path.join(cgroup, "cgroup.procs"), "w") as procs:
        procs.write("0")


def start_servers(cgroup):
    """In a process of their own; the port of each case."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        if cgroup:
            enter(cgroup)
        ports = {
            name: listen(serve, socket.AF_INET6 if name == "ipv6" else socket.AF_INET)
            for name, (serve, _, _) in {**CASES, **dict.fromkeys(["late", "late-body"], (answering(OK), None, None))}.items()
        }
        os.write(writer, json.dumps(ports).encode())
        os.close(writer)
        while True:
            time.sleep(60)
    os.close(writer)
    with os.fdopen(reader) as ports:
        return pid, json.load(ports)


def main():
    server_cgroup, client_cgroup = sys.argv[1:3] if len(sys.argv) > 2 else (None, None)
    pid, ports = start_servers(server_cgroup)
    if client_cgroup:
        enter(client_cgroup)
    open_before = connect(ports["late"])
    call(open_before, b"/before")
    in_body = connect(ports["late-body"])
    in_body.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (LATE_PIECES * 100))
    time.sleep(0.05)
    print("ready", flush=True)
    sys.stdin.readline()
    cases = {
        "late": (None, late(open_before), spans("/late/0", "/late/1")),
        "late-body": (None, late_body(in_body), spans("/after-body/0", "/after-body/1")),
        **CASES,
    }
    for name, (_, run, expected) in cases.items():
        run(ports[name])
        time.sleep(0.05)
        print(json.dumps({"case": name, "port": ports[name], "spans": expected}), flush=True)
    os.kill(pid, 9)


main()
