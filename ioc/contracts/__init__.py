"""What passes between stages: pydantic models are the one definition, the fast decoder is derived from them."""
