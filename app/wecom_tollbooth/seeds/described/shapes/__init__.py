"""The shape of a described corp, as a seed file has it."""

from wecom_tollbooth.seeds.described.shapes.corp import SeedFile

__all__ = ["SeedFile"]
