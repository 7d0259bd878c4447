"""The rules of the product: no AWS, no VW, no clock, no randomness that is not an argument."""
