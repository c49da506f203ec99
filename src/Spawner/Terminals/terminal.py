"""Holds one terminal: a shell on a pty, the end of what it wrote, and a Unix socket at which the hub watches and types.

It is the main process of the terminal's container, so that the terminal outlives the hub: a hub that comes back connects
again, is told the number of the first byte that is still kept, and hears the rest. Python's own library is all it needs.

    terminal.py CONNECTION-FILE SCROLLBACK-BYTES SHELL

Frames in both directions (numbers are big-endian):   type (1 byte) | length (4) | payload
    hub     A  attach: number of the first byte wanted (8, signed; negative: all that is kept); must come first
            I  input for the pty                    S  size: rows (2) columns (2) draw-anew (1)
    holder  H  hello: number of the first byte kept (8), number of the next byte (8)
            O  output: number of its first byte (8), then the bytes; a number that jumps says what was left out
            X  the shell ended: exit status (4); nothing comes after it
"""
import errno
import fcntl
import json
import os
import pwd
import select
import shutil
import signal
import socket
import struct
import sys
import termios
import time

MAX_FRAME = 64 * 1024       # of what the hub sends, and of one piece of output
MAX_INPUT = 256 * 1024      # typed and not yet taken by the pty; beyond it the hub is not read
MAX_HUBS = 8                # connections; one, and two while a hub takes over from another
MAX_READ = 16 * 1024        # of the pty at a time
AHEAD = 128 * 1024          # output the quickest hub may be behind before the pty is not read, or half of what is kept
PATIENCE = 5.0              # seconds without progress after which a hub holds nobody up
LAST_WORDS = 5.0            # seconds a hub has to take what is left when the shell has ended
GRACE = 2.0                 # seconds the shell has to end after SIGHUP
IUTF8 = 0x4000              # termios has no name for it before Python 3.13


class Scrollback:
    """The end of the output; bytes are numbered from the first one ever."""

    def __init__(self, limit):
        self.limit, self.start, self.kept = limit, 0, bytearray()

    @property
    def end(self):
        return self.start + len(self.kept)

    @property
    def first(self):
        return max(self.start, self.end - self.limit)

    def add(self, data):
        self.kept += data
        # Rarely, and much at once: moving the rest costs as much as there is of it.
        if len(self.kept) > 2 * self.limit:
            cut = len(self.kept) - self.limit
            del self.kept[:cut]
            self.start += cut

    def read(self, number):
        number = max(number, self.first)
        return number, bytes(self.kept[number - self.start:number - self.start + MAX_FRAME // 2])


class Hub:
    """One connection."""

    def __init__(self, connection):
        self.connection = connection
        self.inbox, self.outbox = bytearray(), bytearray()
        self.next = None            # number of the byte it is sent next; None until it attached
        self.moved = time.monotonic()
        self.told_end = False

    def fileno(self):
        return self.connection.fileno()

    def put(self, kind, payload):
        self.outbox += struct.pack('>cI', kind, len(payload)) + payload


class Terminal:
    def __init__(self, path, limit, shell):
        self.scrollback = Scrollback(limit)
        self.hubs, self.typed = [], bytearray()
        self.status, self.asked_to_end, self.over_at = None, None, None
        self.wake, wake = os.pipe()
        for end in (self.wake, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        self.pty, self.shell = start(shell)
        os.set_blocking(self.pty, False)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(MAX_HUBS)
        self.listener.setblocking(False)

    def run(self):
        while not self.is_over():
            poll = select.poll()
            poll.register(self.wake, select.POLLIN)
            poll.register(self.listener, select.POLLIN)
            events = (select.POLLIN if self.has_room() else 0) | (select.POLLOUT if self.typed else 0)
            if self.status is None and events:
                poll.register(self.pty, events)
            for hub in self.hubs:
                wants = (select.POLLIN if len(self.typed) < MAX_INPUT else 0) | (select.POLLOUT if self.owes(hub) else 0)
                poll.register(hub, wants)
            happened = dict(poll.poll(self.timeout()))
            if self.wake in happened:
                self.hear_signals()
            if self.listener.fileno() in happened:
                self.accept()
            for hub in list(self.hubs):
                if happened.get(hub.fileno(), 0) & ~select.POLLOUT:
                    self.receive(hub)
            pty = happened.get(self.pty, 0) if self.status is None else 0
            if pty & ~select.POLLOUT and self.has_room():
                self.read_pty()
            if pty & select.POLLOUT:
                self.write_pty()
            for hub in list(self.hubs):
                self.send(hub)

    def timeout(self):
        if self.over_at is not None or self.asked_to_end is not None or not self.has_room():
            return 100
        return None

    def is_over(self):
        if self.status is None:
            if self.asked_to_end is not None and time.monotonic() - self.asked_to_end > GRACE:
                self.status, self.over_at = 128 + signal.SIGKILL, time.monotonic()
            return False
        return not self.hubs or all(hub.told_end and not hub.outbox for hub in self.hubs) or time.monotonic() - self.over_at > LAST_WORDS

    def has_room(self):
        """The quickest hub sets the pace: a program waits for it as it would at a real terminal, but not for one that takes nothing at all."""
        now = time.monotonic()
        behind = [self.scrollback.end - hub.next for hub in self.hubs if hub.next is not None and now - hub.moved < PATIENCE]
        return not behind or min(behind) < min(AHEAD, self.scrollback.limit // 2)

    def owes(self, hub):
        return hub.outbox or hub.next is not None and (hub.next < self.scrollback.end or self.status is not None and not hub.told_end)

    def hear_signals(self):
        heard = os.read(self.wake, 256)
        if any(number != signal.SIGCHLD for number in heard) and self.asked_to_end is None:
            self.asked_to_end = time.monotonic()
            hang_up(self.shell)
        # The container's own init reaps the others; without one they come here.
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.shell and self.status is None:
                # Not until nothing comes: what the shell left running may write for ever.
                for _ in range(32):
                    if not self.read_pty():
                        break
                self.over_at = time.monotonic()
                self.status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)

    def accept(self):
        try:
            connection = self.listener.accept()[0]
        except OSError:
            return
        if len(self.hubs) >= MAX_HUBS:
            connection.close()
            return
        connection.setblocking(False)
        self.hubs.append(Hub(connection))

    def drop(self, hub):
        self.hubs.remove(hub)
        hub.connection.close()

    def receive(self, hub):
        try:
            data = hub.connection.recv(MAX_FRAME)
        except BlockingIOError:
            return
        except OSError:
            data = b''
        if not data:
            self.drop(hub)
            return
        hub.inbox += data
        while len(hub.inbox) >= 5:
            kind, length = struct.unpack_from('>cI', hub.inbox)
            if length > MAX_FRAME:
                self.drop(hub)
                return
            if len(hub.inbox) < 5 + length:
                return
            payload = bytes(hub.inbox[5:5 + length])
            del hub.inbox[:5 + length]
            if not self.take(hub, kind, payload):
                self.drop(hub)
                return

    def take(self, hub, kind, payload):
        if kind == b'A' and len(payload) == 8 and hub.next is None:
            wanted, = struct.unpack('>q', payload)
            first, end = self.scrollback.first, self.scrollback.end
            hub.next = max(first, wanted) if 0 <= wanted <= end else first
            hub.moved = time.monotonic()
            hub.put(b'H', struct.pack('>QQ', hub.next, end))
        elif kind == b'I' and hub.next is not None:
            self.typed += payload
            self.write_pty()
        elif kind == b'S' and len(payload) == 5 and hub.next is not None:
            rows, columns, draw_anew = struct.unpack('>HHB', payload)
            if self.status is None:
                resize(self.pty, rows, columns, draw_anew)
        else:
            return False
        return True

    def send(self, hub):
        if hub.next is not None and len(hub.outbox) < MAX_FRAME:
            if hub.next < self.scrollback.end:
                number, data = self.scrollback.read(hub.next)
                hub.put(b'O', struct.pack('>Q', number) + data)
                hub.next = number + len(data)
            elif self.status is not None and not hub.told_end:
                hub.put(b'X', struct.pack('>I', self.status))
                hub.told_end = True
        if not hub.outbox:
            hub.moved = time.monotonic()
            return
        try:
            sent = hub.connection.send(hub.outbox)
        except BlockingIOError:
            return
        except OSError:
            self.drop(hub)
            return
        del hub.outbox[:sent]
        hub.moved = time.monotonic()

    def read_pty(self):
        try:
            data = os.read(self.pty, MAX_READ)
        except BlockingIOError:
            return False
        except OSError as e:
            # Nobody has the other side open for the moment; the shell's end is told by its signal.
            if e.errno == errno.EIO and self.status is None:
                time.sleep(0.01)
            return False
        self.scrollback.add(data)
        return bool(data)

    def write_pty(self):
        try:
            while self.typed and self.status is None:
                del self.typed[:os.write(self.pty, self.typed[:4096])]
        except BlockingIOError:
            pass
        except OSError:
            self.typed.clear()


def start(shell):
    """A shell on a new pty; returns our side and its process."""
    ours, theirs = os.openpty()
    attributes = termios.tcgetattr(theirs)
    attributes[0] |= IUTF8
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    resize(ours, 24, 80, False)
    if not shell:
        shell = shutil.which('bash') or shutil.which(os.environ.get('SHELL', '')) or '/bin/sh'
    argv = [shell, *welcome(shell)]
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
            for number in range(3):
                os.dup2(theirs, number)
            os.close(theirs)
            os.close(ours)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)
            environment = dict(os.environ, SHELL=shell, TERM=os.environ.get('TERM') or 'xterm-256color')
            environment.pop('TINI_KILL_PROCESS_GROUP', None)
            os.execvpe(shell, argv, environment)
        except OSError as e:
            os.write(2, f'{shell}: {e.strerror}\r\n'.encode())
        finally:
            os._exit(127)
    os.close(theirs)
    return ours, pid


def welcome(shell):
    """Where nobody has our user id bash calls people "I have no name!"; it is told the name before it reads what is theirs."""
    try:
        pwd.getpwuid(os.getuid())
        return []
    except KeyError:
        if os.path.basename(shell) != 'bash' or not hasattr(os, 'memfd_create'):
            return []
    script = os.memfd_create('bashrc', 0)
    os.write(script, b'[ -f /etc/bash.bashrc ] && . /etc/bash.bashrc\n'
             b"PS1='${USER}@\\h:\\w\\$ '\n"
             b'[ -f ~/.bashrc ] && . ~/.bashrc\nexec %d<&-\n' % script)
    return ['--rcfile', f'/proc/self/fd/{script}']


def resize(pty, rows, columns, draw_anew):
    try:
        before = fcntl.ioctl(pty, termios.TIOCGWINSZ, bytes(8))
        fcntl.ioctl(pty, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
        if draw_anew and struct.unpack('HHHH', before)[:2] == (rows, columns):
            os.killpg(os.tcgetpgrp(pty), signal.SIGWINCH)
    except (OSError, OverflowError):
        pass


def hang_up(shell):
    try:
        os.killpg(shell, signal.SIGHUP)
        os.killpg(shell, signal.SIGCONT)
    except OSError:
        pass


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        at = json.load(file)
    terminal = Terminal(f"{at['ip']}-{at['shell_port']}", int(sys.argv[2]), sys.argv[3])
    terminal.run()
    os._exit(min(terminal.status, 255))


main()
