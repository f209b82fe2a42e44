"""Sentences of the parameters room: limits in words, values in words, what is wrong with a value."""

VALUE_REFUSED = "“{label}”不能设成这个值，请看下面的说明后再改。"
TOO_EARLY = "生效时间已经过去了。要马上生效，日期不填就行。"
TOO_FAR = "生效日期最远设到一年以后。"
NOT_AHEAD = "这个值已经生效或已撤回，不能再撤。要改请设一个新的值。"

WHOLE_LIMITS = "{least} 到 {most} 之间的整数"
SHARE_LIMITS = "{least} 到 {most} 之间的百分数，填整数"
CLOCK_LIMITS = "几点几分，如 08:30"
SPANS_LIMITS = "几点到几点，先后不重叠，如 09:00-12:00 13:30-17:00"
CHOICES_LIMITS = "勾选一项或几项，也可以全不选"
YES_NO_LIMITS = "是或否"
TEXT_LIMITS = "最多 {most} 个字"
LINES_LIMITS = "一行一条，最多 {most} 条，如：{example}"

YES, NO = "是", "否"
NOTHING_CHOSEN = "一项都不选"
NOTHING_WRITTEN = "（没有填）"
NO_LINES = "一条都没有"
LINE_END = "；"
COMMA = "、"
SHARE = "{percent}%"

# What people write between two times of a day, and between two stretches.
TO_SIGNS = r"[-—–~～至到]"
AND_SIGNS = r"[\s,，、;；]+"

# What people write between two times of day.
SPAN_MARKS = "-—–~～至到"
