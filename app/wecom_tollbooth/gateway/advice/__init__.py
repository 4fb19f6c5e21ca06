"""Strict mode: what is noticed in the calls of a corp that has it on."""
