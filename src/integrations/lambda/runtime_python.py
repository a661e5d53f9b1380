"""Runs one Python handler against the Lambda Runtime API: python3 runtime_python.py FILE FUNCTION.

Behaves as AWS's managed Python runtime does. Standard library only.
"""
import importlib.util
import json
import os
import re
import signal
import socket
import sys
import time
import traceback

import weft_endpoints
import weft_logs

PREFIX = "/2018-06-01/runtime/"


class Headers:
    """The lines of an answer's head. Values are taken out when asked for: most calls ask for few."""

    def __init__(self, text):
        self.text = text
        self.lower = text.lower()

    def get(self, name):
        """The value of the header `name`, which is in lower case; None where there is none."""
        line = self.lower.find(f"\r\n{name}:")
        if line < 0:
            return None
        start = line + len(name) + 3
        end = self.text.find("\r\n", start)
        return self.text[start:end if end >= 0 else None].strip()


class RuntimeApi:
    """One kept connection to the host, which answers /next when there is work and frames each answer
    by Content-Length. http.client spends several times the processor time of this on a call."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.address = (host.strip("[]"), int(port))
        self.begin = f" HTTP/1.1\r\nHost: {address}\r\n"
        self.socket = None

    def get(self, path):
        return self.call(f"GET {PREFIX}{path}{self.begin}\r\n".encode())

    def post(self, path, body, error_type=None):
        error = ""
        if error_type:
            # A name is free text; in a header line it is not.
            name = re.sub(r"[^\x20-\x7e]", "?", error_type)
            error = f"Lambda-Runtime-Function-Error-Type: {name}\r\n"
        head = (f"POST {PREFIX}{path}{self.begin}Content-Type: application/json\r\n"
                f"{error}Content-Length: {len(body)}\r\n\r\n")
        return self.call(head.encode() + body)

    def call(self, request):
        """The status, Headers and body of the answer."""
        kept = self.socket is not None
        try:
            return self.exchange(request)
        except ConnectionError:
            self.socket = None
            if not kept:
                raise
        # The host closed it while nothing was under way.
        return self.exchange(request)

    def exchange(self, request):
        if self.socket is None:
            self.socket = socket.create_connection(self.address)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.receive()
        head = data[:end].decode("latin-1")
        headers = Headers(head)
        length = int(headers.get("content-length") or 0)
        pieces = [data[end + 4:]]
        missing = length - len(pieces[0])
        while missing > 0:
            pieces.append(self.receive())
            missing -= len(pieces[-1])
        return int(head[9:12]), headers, b"".join(pieces)

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionResetError("The Runtime API closed the connection")
        return data


class ClientContext:
    """Members client, custom and env of the client context, as AWS gives them."""

    def __init__(self, text):
        values = json.loads(text)
        self.client = values.get("client")
        self.custom = values.get("custom")
        self.env = values.get("env")


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers.get("lambda-runtime-aws-request-id")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        context = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(context) if context else None
        self.identity = CognitoIdentity()
        self._deadline_ms = int(headers.get("lambda-runtime-deadline-ms"))

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)


class MarshalError(Exception):
    pass


def describe(error, error_type=None, request_id=None):
    """The error payload, members in AWS's order."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__
        and not frame.filename.startswith("<frozen importlib")
    ]
    payload = {"errorMessage": str(error), "errorType": error_type or type(error).__name__}
    payload["requestId"] = request_id or ""
    payload["stackTrace"] = traceback.format_list(frames)
    return payload


def load(path, name):
    """The handler; module errors carry the type AWS reports for them."""
    root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path.insert(0, root)
    module_name = os.path.splitext(os.path.relpath(path, root))[0]
    try:
        if os.sep in module_name:
            # In a package: what it imports relative to itself is found.
            module = importlib.import_module(module_name.replace(os.sep, "."))
        else:
            spec = importlib.util.spec_from_file_location(module_name, path)
            module = importlib.util.module_from_spec(spec)
            sys.modules[module_name] = module
            spec.loader.exec_module(module)
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise InitError("Runtime.ImportModuleError", message, error) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        raise InitError("Runtime.UserCodeSyntaxError", message, error) from error
    handler = getattr(module, name, None)
    if handler is None:
        message = f"Handler '{name}' missing on module '{module_name}'"
        raise InitError("Runtime.HandlerNotFound", message)
    return handler


class InitError(Exception):
    def __init__(self, error_type, message, cause=None):
        super().__init__(message)
        self.error_type = error_type
        if cause is not None:
            self.__traceback__ = cause.__traceback__


def set_trace(header):
    """The trace of the call in AWS's form and as W3C's, for whatever reads the environment."""
    os.environ.pop("_X_AMZN_TRACE_ID", None)
    os.environ.pop("TRACEPARENT", None)
    if not header:
        return
    os.environ["_X_AMZN_TRACE_ID"] = header
    parts = dict(part.split("=", 1) for part in header.split(";") if "=" in part)
    root = parts.get("Root", "").split("-")
    if len(root) == 3 and parts.get("Parent"):
        sampled = "01" if parts.get("Sampled") == "1" else "00"
        os.environ["TRACEPARENT"] = f"00-{root[1]}{root[2]}-{parts['Parent']}-{sampled}"


def marshal(result):
    """JSON text of a result. Bytes are taken for finished JSON, as AWS does."""
    if isinstance(result, bytes):
        return result
    try:
        return json.dumps(result, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except Exception as error:
        raise MarshalError(f"Unable to marshal response: {error}") from error


def serve(api, handler):
    while True:
        status, headers, body = api.get("invocation/next")
        if status != 200:
            raise RuntimeError(f"invocation/next answered {status}")
        request_id = headers.get("lambda-runtime-aws-request-id")
        weft_logs.set_request_id(request_id)
        set_trace(headers.get("lambda-runtime-trace-id"))
        try:
            result = marshal(handler(json.loads(body), LambdaContext(headers)))
        except Exception as error:
            error_type = "Runtime.MarshalError" if isinstance(error, MarshalError) else None
            payload = describe(error, error_type, request_id)
            weft_logs.log_error(payload)
            text = json.dumps(payload).encode()
            api.post(f"invocation/{request_id}/error", text, payload["errorType"])
        else:
            # What the handler printed belongs to this call.
            sys.stdout.flush()
            api.post(f"invocation/{request_id}/response", result)


def end(signal_number, frame):
    """Lambda's shutdown phase: an end like any other, so that what libraries registered with atexit
    runs, as tracing libraries do for the spans they still hold."""
    sys.exit(0)


def forget_end():
    if signal.getsignal(signal.SIGTERM) is end:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def main():
    path, name = sys.argv[1:3]
    version = "{}.{}".format(*sys.version_info)
    os.environ.setdefault("AWS_EXECUTION_ENV", f"AWS_Lambda_python{version}")
    sys.argv = [path]
    # A process that is killed must not keep lines to itself.
    sys.stdout.reconfigure(line_buffering=True)
    # This file's folder is not the function's business.
    sys.path.pop(0)
    weft_logs.install()
    weft_endpoints.install()
    signal.signal(signal.SIGTERM, end)
    # Processes that the function forks end as those of any program.
    os.register_at_fork(after_in_child=forget_end)
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load(path, name)
    except BaseException as error:
        payload = describe(error, error.error_type if isinstance(error, InitError) else None)
        weft_logs.log_error(payload)
        api.post("init/error", json.dumps(payload).encode(), payload["errorType"])
        sys.exit(1)
    serve(api, handler)


if __name__ == "__main__":
    main()
