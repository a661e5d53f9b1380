"""What a Python function can do to its host, one function each."""
import atexit
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request


def echo(event, context):
    return event


def describe(event, context):
    return {
        "requestId": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "custom": context.client_context.custom if context.client_context else None,
        "left": context.get_remaining_time_in_millis() > 0,
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
        "traceparent": os.environ.get("TRACEPARENT"),
    }


def logs(event, context):
    print("printed", event["text"])
    return "ünïcode"


def lose_connection(event, context):
    """Ends the connection to the host, as a host does with one that was idle for long."""
    own = [each for each in gc.get_objects() if isinstance(each, socket.socket)]
    for each in own:
        each.shutdown(socket.SHUT_RDWR)
    return len(own)


def child_asks(event, context):
    """What the Runtime API answers to a process that this one starts, asking for no such resource."""
    ask = ("import http.client, os\n"
           "connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])\n"
           "connection.request('GET', '/2018-06-01/runtime/nothing')\n"
           "print(connection.getresponse().status)\n")
    return subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True).stdout.strip()


def takes_memory(event, context):
    """Takes as many MiB as it is told."""
    taken = bytearray(event << 20)
    return len(taken) >> 20


def starts_processes(event, context):
    """Starts as many processes as it is told, or as it may; how many."""
    started = 0
    try:
        while started < event:
            if os.fork() == 0:
                signal.pause()
                os._exit(0)
            started += 1
    except BlockingIOError:
        pass
    return started


def starts_threads(event, context):
    """Starts as many threads as it is told, all at once; how many."""
    end = threading.Event()
    threads = [threading.Thread(target=end.wait) for _ in range(event)]
    for thread in threads:
        thread.start()
    end.set()
    for thread in threads:
        thread.join()
    return len(threads)


def throws_odd_name(event, context):
    raise type("Two\r\nX-Lines: \u00fc", (Exception,), {})("with a name of two lines")


def large(event, context):
    return "x" * len(event)


def unserializable(event, context):
    return {1, 2}


def hangs(event, context):
    print("about to hang")
    time.sleep(3600)


def exits(event, context):
    os._exit(7)


def levels(event, context):
    logging.info("too early")
    logging.warning("shown")
    logging.getLogger().setLevel(logging.INFO)
    logging.info("shown %d", 1, extra={"order": 7})
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("failed")


def send_held():
    url = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/held/python"
    urllib.request.urlopen(urllib.request.Request(url, method="POST")).read()


def holds(event, context):
    """As tracing libraries do with the spans they hold."""
    atexit.register(send_held)
