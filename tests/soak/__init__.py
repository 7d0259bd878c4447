"""Traffic on the local stack for as long as one likes, while its workers are killed; and at the end
an account that must balance."""
