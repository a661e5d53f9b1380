"""Starts the state machine "inner" with boto3 as on AWS and waits for its end."""
import boto3


def handler(event, context):
    account = context.invoked_function_arn.split(":")[4]
    answer = boto3.client("stepfunctions").start_sync_execution(
        stateMachineArn=f"arn:aws:states:us-east-1:{account}:stateMachine:inner", input='{"from": "python"}')
    return {"status": answer["status"], "output": answer["output"]}
