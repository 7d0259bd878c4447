"""DynamoDB: pending events, loops and keys."""

from personalizer.adapters.dynamodb.events import DynamoEvents
from personalizer.adapters.dynamodb.keys import DynamoKeys
from personalizer.adapters.dynamodb.loops import DynamoLoops

__all__ = ["DynamoEvents", "DynamoKeys", "DynamoLoops"]
