"""Logs at its levels, and prints."""
import logging
import sys


def handler(event, context):
    logging.info("not shown yet")
    logging.warning("shown before the level is set")
    logging.getLogger().setLevel(logging.INFO)
    logging.info("order %d", 7)
    print("only printed")
    print("to standard error", file=sys.stderr, flush=True)
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("it failed")
