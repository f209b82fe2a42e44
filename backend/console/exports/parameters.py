"""What a bureau may set for exports."""

from __future__ import annotations

from marshmallow import fields, validate

from backend.console.exports import texts
from backend.parameters import Parameter, ParameterGroup

# Rows without personal columns that one person may take away alone (domain-rules §6.3: bulk export needs two).
ALONE_ROWS = Parameter("exports.alone_rows", 200, fields.Integer(strict=True, validate=validate.Range(0, 5000)))
EXPORTS = ParameterGroup("exports", texts.PARAMETERS_TITLE, (ALONE_ROWS,), texts.PARAMETERS, two_persons=True)
