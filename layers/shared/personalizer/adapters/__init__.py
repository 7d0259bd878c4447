"""The outside world behind the ports: AWS, Vowpal Wabbit, and memory."""
