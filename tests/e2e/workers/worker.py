"""A worker of an activity, as people write it: ENDPOINT ACTIVITY_ARN NAME. Doubles numbers until it is killed."""
import json
import sys

import boto3
from botocore.config import Config

endpoint, activity, name = sys.argv[1:]
states = boto3.client("stepfunctions", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test",
                      aws_secret_access_key="test", config=Config(read_timeout=70))
while True:
    task = states.get_activity_task(activityArn=activity, workerName=name)
    if not task.get("taskToken"):
        continue
    number = json.loads(task["input"])["n"]
    states.send_task_heartbeat(taskToken=task["taskToken"])
    if number < 0:
        states.send_task_failure(taskToken=task["taskToken"], error="Negative", cause=f"{number} is negative")
    else:
        states.send_task_success(taskToken=task["taskToken"], output=json.dumps({"n": 2 * number, "by": name}))
