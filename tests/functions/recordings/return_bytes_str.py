"""Returns finished JSON text as bytes."""


def handler(event, context):
    return b'"HelloWorld!"'
