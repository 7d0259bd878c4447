"""DynamoDB: pending events, loops, keys and evaluations."""

from personalizer.adapters.dynamodb.events import DynamoEvents
from personalizer.adapters.dynamodb.jobs import DynamoJobs
from personalizer.adapters.dynamodb.keys import DynamoKeys
from personalizer.adapters.dynamodb.loops import DynamoLoops

__all__ = ["DynamoEvents", "DynamoJobs", "DynamoKeys", "DynamoLoops"]
