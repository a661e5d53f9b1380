"""Functions that a test invokes: one calls another as on AWS, with no endpoint and no credentials."""
import json

import boto3


def add(event, context):
    print("adding", event["a"], event["b"])
    if event["a"] < 0:
        raise ValueError("a is negative")
    return {"sum": event["a"] + event["b"], "arn": context.invoked_function_arn}


def twice(event, context):
    client = boto3.client("lambda")
    answer = client.invoke(FunctionName="add", Payload=json.dumps({"a": event["n"], "b": event["n"]}))
    return {
        "sum": json.load(answer["Payload"])["sum"],
        "status": answer["StatusCode"],
        "version": answer["ExecutedVersion"],
        "functions": [each["FunctionName"] for each in client.list_functions()["Functions"]],
    }
