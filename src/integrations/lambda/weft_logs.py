"""The logging of Lambda's Python runtime: the root logger has a handler that writes the time, the
request id of the call and the level with each record, as text or as JSON (AWS_LAMBDA_LOG_FORMAT),
from AWS_LAMBDA_LOG_LEVEL on. AWS: "Log and monitor Python Lambda functions".
"""
import json
import logging
import os
import sys
import time
import traceback

AS_JSON = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
SECONDS = "%Y-%m-%dT%H:%M:%S"
# Attributes of every record; what else one has came by `extra`.
ORDINARY = {*vars(logging.makeLogRecord({})), "message", "asctime", "aws_request_id", "taskName"}

request_id = None


def set_request_id(value):
    global request_id
    request_id = value


def moment(seconds):
    whole = time.strftime(SECONDS, time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


class JsonFormatter(logging.Formatter):
    def format(self, record):
        line = {
            "timestamp": moment(record.created),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            line["stackTrace"] = traceback.format_tb(trace)
            line["errorType"] = kind.__name__
            line["errorMessage"] = str(error)
            line["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        if record.aws_request_id:
            line["requestId"] = record.aws_request_id
        for key, value in vars(record).items():
            if key not in ORDINARY and value is not None:
                line.setdefault(key, value)
        return json.dumps(line, ensure_ascii=False, default=str)


def write_line(text):
    """What is said at once stays one line: inner ends of lines become carriage returns, which Weft
    turns back."""
    sys.stdout.write(text.rstrip("\n").replace("\n", "\r") + "\n")
    sys.stdout.flush()


class Handler(logging.Handler):
    def emit(self, record):
        try:
            record.aws_request_id = request_id or ""
            write_line(self.format(record))
        except Exception:
            self.handleError(record)


def install():
    # Of all formatters, as AWS's runtime does.
    logging.Formatter.converter = time.gmtime
    handler = Handler()
    handler.setFormatter(JsonFormatter() if AS_JSON else logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", SECONDS))
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    # Python's logging has no TRACE.
    number = logging.getLevelName("DEBUG" if level == "TRACE" else level)
    if isinstance(number, int):
        root.setLevel(number)
        # Code that sets a lower level of its own does not undo what was configured.
        handler.setLevel(number)


def log_error(payload):
    """The error payload of a call or a start that failed."""
    if AS_JSON:
        line = {"timestamp": moment(time.time()), "level": "ERROR", **payload}
        return write_line(json.dumps(line, ensure_ascii=False))
    write_line(f"[ERROR] {payload['errorType']}: {payload['errorMessage']}\n"
               "Traceback (most recent call last):\n" + "".join(payload["stackTrace"]))
