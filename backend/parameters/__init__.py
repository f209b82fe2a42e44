"""What a bureau may set: declared by the rooms, kept as versioned values."""

from backend.parameters.groups import ParameterGroup, Words
from backend.parameters.values import Parameter, set_value, value_at

__all__ = ["Parameter", "ParameterGroup", "Words", "set_value", "value_at"]
