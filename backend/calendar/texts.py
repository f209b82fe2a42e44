"""Sentences of the calendar room."""

NO_NOTICE_FOR_YEAR = "没有{year}年的放假安排。请用 --file 指定国务院通知整理成的表格后再导入。"
NOTICE_FILE_UNREADABLE = "放假安排表第{line}行读不懂。每行应为：日期(如 2027-01-01),off 或 workday。"
