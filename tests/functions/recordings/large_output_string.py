"""Returns more bytes than a state's data may have."""


def handler(event, context):
    return b"a" * (257 * 1024)
