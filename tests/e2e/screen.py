"""Runs programs on a pseudo terminal and prints what came to it.

Each line of the input is a JSON object: {"columns", "argv", "env"}. Each line of the output is the answer to one, in turn:
"status" is the exit status, "text" what was written, "lines" the text without what Weft itself moves
the cursor and colours with, each {text, width}, and "driven" every character that drives a terminal
and is not Weft's own.
"""
import fcntl
import json
import os
import pty
import re
import struct
import sys
import termios
import unicodedata

# Colours, and what the progress display and `trace --follow` redraw with.
OWN = re.compile(r"\x1b\[(?:[0-9;]*m|[0-9]*A|2?K|J|H|\?1049[hl]|\?25[hl])")
DRIVES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def width(text):
    columns = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me", "Cf") or "\u1160" <= character <= "\u11ff":
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def run(columns, argv, env):
    child, screen = pty.fork()
    if child == 0:
        size = struct.pack("HHHH", 50, columns, 0, 0)
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        os.execvpe(argv[0], argv, env)
    written = b""
    while True:
        try:
            part = os.read(screen, 65536)
        except OSError:  # the terminal is gone with the program
            break
        if not part:
            break
        written += part
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), written


def seen(request):
    status, written = run(**request)
    text = written.decode("utf-8", "replace")
    own = OWN.sub("", text).replace("\r\n", "\n")
    # A line that is redrawn in place begins with a return.
    lines = [line.lstrip("\r") for line in own.split("\n")]
    return {
        "status": status, "text": text,
        "lines": [{"text": line, "width": width(line)} for line in lines],
        "driven": sorted({f"{ord(found):#x}" for line in lines for found in DRIVES.findall(line)}),
    }


for line in sys.stdin:
    answer = (json.dumps(seen(json.loads(line))) + "\n").encode()
    while answer:  # print() loses the rest of what a pipe takes in part, where Python is told not to buffer
        answer = answer[os.write(sys.stdout.fileno(), answer):]
