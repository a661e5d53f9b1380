"""Returns the same greeting for every event."""


def handler(event, context):
    return {"Return": "HelloWorld"}
