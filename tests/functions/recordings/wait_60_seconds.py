"""Returns the event after a minute."""
import time


def handler(event, context):
    time.sleep(60)
    return event
