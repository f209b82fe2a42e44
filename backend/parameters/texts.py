"""Sentences of the parameters room."""

VALUE_REFUSED = "“{key}”不能设成这个值，请看下面的说明后再改。"
