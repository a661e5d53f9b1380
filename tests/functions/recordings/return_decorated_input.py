"""Returns the event in Python's notation behind a fixed text."""


def handler(event, context):
    return f"input-event-{event}"
