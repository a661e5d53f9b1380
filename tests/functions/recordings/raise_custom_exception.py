"""Raises an exception class of its own whose base class gets no arguments, so that its text is empty."""


class CustomException(Exception):
    def __init__(self):
        self.message = "CustomException message"


def handler(event, context):
    raise CustomException()
