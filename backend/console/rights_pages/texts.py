"""Names and sentences of the pages about personal data."""

REQUESTS = "个人信息请求"
KEEPING = "保存期限"
HOLDS = "暂缓清除"
SUBJECT = "个人信息请求 {number}"
WAITING = "{kind} {number}，{left}"
LEFT = "还有{days}个工作日"
DUE_TODAY = "今天到期"
OVERDUE = "已超期"
FALSE_TAB = "没有这个栏目，请从页签里选。"
FALSE_KIND = "没有这种事项，请从列表里选。"
FALSE_REASON = "请从列表里选一个原因。"
NOT_A_FILE = "这个申请没有要交给本人的文件。"

REGISTERED = "已受理，编号 {number}，最晚{due}答复。"
TAKEN = "这个申请由您办理。"
DONE = "已办好，编号 {number}。"
REFUSED = "已答复不予办理，编号 {number}。"
PLACED = "已暂缓清除。"
LIFTED = "已解除，到期的信息会照常清除。"

TABS = {"open": "待办", "mine": "我在办的", "closed": "已答复", "all": "全部"}
