"""DynamoDB, and S3's objects, over awscrt: AWS's own signing, connections and credentials, in C.

For what every request pays for. Clients take and give what boto3's would, the little of it that is
used here; boto3 remains the reference, and the fallback (template.yaml's AwsTransport).
"""

from personalizer.adapters.crt.dynamodb import DynamoDB
from personalizer.adapters.crt.s3 import S3

__all__ = ["S3", "DynamoDB"]
