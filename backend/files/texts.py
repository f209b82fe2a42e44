"""Sentences about files: what residents and officers read."""

UNKNOWN = "没有这份文件，或者不能看。"
NOT_YET = "照片还在接收和检查，请过一会儿再看。"
GONE = "这份文件没有保存下来，请本人重新发一次。"

TITLE = "照片和文件"
SECTION = "发来的照片和文件"
KEPT = "没有用到的保存30天；办事用到的随那件事保存"
L_PURPOSE = "用途"
L_RECEIVED = "收到"
L_STATE = "情况"
L_SIZE = "大小"
SIZE = "{size}KB"
STATE_NAMES = {"owed": "接收中", "fetched": "已保存", "refused": "没有保存", "deleted": "已删除"}

RULE_LOOSE = "没有用到的照片和文件"
RULE_ENDED = "已删除文件的空记录"
SINCE_CREATED = "收到"
SINCE_ENDED = "删除"
BASIS_LOOSE = "为办事收取，没有用到就不再需要"
BASIS_ENDED = "只剩编号和时间，供核对删除"
