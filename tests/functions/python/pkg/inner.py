import os

import handlers
from . import neighbour


def handler(event, context):
    return {
        "module": __name__,
        "value": neighbour.VALUE,
        "root": hasattr(handlers, "echo"),
        "_HANDLER": os.environ["_HANDLER"],
        "AWS_EXECUTION_ENV": os.environ["AWS_EXECUTION_ENV"],
    }
