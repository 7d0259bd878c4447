"""S3: what is kept for ever, and what was set aside."""

from personalizer.adapters.s3.audit import S3Audit
from personalizer.adapters.s3.letters import S3DeadLetters
from personalizer.adapters.s3.links import S3Links
from personalizer.adapters.s3.objects import S3Objects
from personalizer.adapters.s3.quarantine import S3Quarantine

__all__ = ["S3Audit", "S3DeadLetters", "S3Links", "S3Objects", "S3Quarantine"]
