"""What operators read about WeChat: the menus we publish, findings of `doctor`, answers of `flask wechat …`."""

# The account's menu: key of the chat (workflows/chat/flows) -> name, at most 4 characters shown.
MENU = {"MENU_MARRIAGE": "婚姻登记", "MENU_MY_APPOINTMENTS": "我的预约", "MENU_HELP": "帮助"}
ELDERS_MENU = {"MENU_HELP": "我要办事", "MENU_MY_APPOINTMENTS": "我的预约"}
ELDERS_TAG = "长者"

ACCOUNT = "公众号"
MINIPROGRAM = "小程序"
PRODUCTS = {"account": ACCOUNT, "miniprogram": MINIPROGRAM}

# --- findings of doctor: subject, and what is found; docs/wechat.md names every subject ---

SETTINGS = "微信设置"
SETTINGS_OK = "接入微信服务器 {base}。"
SETTINGS_SANDBOX = "接入的是 {base}，不是微信的服务器。接入真实账号时，请去掉 WECHAT_API_BASE_URL。"

ADDRESS = "公网地址"
ADDRESS_OK = "{url}。"
ADDRESS_WRONG = "{url} 不能用于正式账号。请把 PUBLIC_BASE_URL 设为 https:// 开头、已备案的域名，不带端口。"

APPS = "两个应用"
APPS_OK = "公众号和小程序的 AppID、原始ID 各不相同。"
APPS_SAME = "公众号和小程序填成了同一个 AppID 或原始ID。请对照 mp.weixin.qq.com 的“基本配置”，分别填写。"

CLOCK = "时钟"
CLOCK_OK = "与微信服务器相差 {seconds} 秒。"
CLOCK_WRONG = (
    "与微信服务器相差 {seconds} 秒。请在服务器上打开自动校时（chrony 或 systemd-timesyncd），否则签名和令牌会出错。"
)
CLOCK_UNKNOWN = "问不到微信服务器的时间（{why}）。请检查服务器能否访问 {base}。"

CALLBACK = "回调地址（{app}）"
CALLBACK_OK = "{url} 可达，签名通过。可以在 mp.weixin.qq.com 提交“服务器配置”。"
CALLBACK_WRONG = "{url} 不可达或签名不对（{why}）。请检查域名、证书和反向代理，再核对 {prefix}_TOKEN。"

CREDENTIAL = "微信令牌（{app}）"
CREDENTIAL_OK = "已取到。"
CREDENTIAL_WRONG = "取不到。{why}"

REASONS_BY_CODE = {
    40001: "AppSecret 不对（40001）。请在“基本配置”里重置 AppSecret，填到 {prefix}_SECRET。",
    40013: "AppID 不对（40013）。请核对 {prefix}_APP_ID。",
    40125: "AppSecret 不对（40125）。请在“基本配置”里重置 AppSecret，填到 {prefix}_SECRET。",
    40164: (
        "服务器的出口 IP 不在白名单里（40164）。请在“基本配置 → IP白名单”里加上服务器访问外网用的 IP，几分钟后生效。"
    ),
    48001: "账号没有这个接口的权限（48001）。请确认是已认证的服务号，并在“接口权限”里查看。",
}
# By the name of the error's class; a subclass without a sentence has its parent's.
REASONS = {
    "Unreachable": "连不上微信服务器。请检查服务器能否访问外网，以及 WECHAT_API_BASE_URL。",
    "Busy": "微信服务器正忙，请过几分钟再试。",
    "TokenRejected": "令牌反复被拒（{code}）。可能有别的程序在用同一个 AppSecret，请停用它，或把它改为 stable_token。",
    "QuotaExceeded": "今天的调用次数用完了，北京时间零点恢复；急用可运行 flask --app wsgi wechat quota clear。",
    "Banned": "微信停用了这项能力（{code}）。请登录 mp.weixin.qq.com 查看站内信。",
    "Misconfigured": "设置与微信不符（{code}）。请对照 docs/wechat.md 逐项核对。",
    "WeChatError": "微信没有接受（{code}）。请在 mp.weixin.qq.com 查看站内信。",
}

PAGES = "微信里的网页"
PAGES_OK = (
    "可以给网页签名。请在“公众号设置 → 功能设置”里把“网页授权域名”和“JS接口安全域名”都填成 {host}，"
    "再用手机打开 {url} 看一遍。"
)
PAGES_WRONG = "不能给网页签名，{url} 上的微信按钮出不来。{why}"

MENU_SUBJECT = "自定义菜单"
MENU_OK = "已发布，和我们的一致。"
MENU_NONE = "还没有发布。请运行 flask --app wsgi wechat menu publish。"
MENU_DIFFERS = (
    "线上的菜单和我们的不一样。请运行 flask --app wsgi wechat menu publish；不要在 mp.weixin.qq.com 上改菜单。"
)
UNASKED = "问不到。{why}"

TEMPLATES = "消息模板（{app}）"
TEMPLATES_OK = "{count} 个通知都有模板，字段一致。"
TEMPLATES_FOUND = "有 {count} 个通知可以对上微信的模板：{names}。请运行 flask --app wsgi wechat templates sync。"
TEMPLATES_WRONG = (
    "有 {count} 个模板在微信那边已删除或改了字段：{names}。"
    "请运行 flask --app wsgi wechat templates list 查看，再用 wechat templates map 重新对应。"
)
TEMPLATES_MISSING = (
    "有 {count} 个通知在这里没有模板：{names}。这些通知会改走别的方式；要走模板，请先在 mp.weixin.qq.com 选用模板。"
)

QUOTA = "调用次数（{app}）"
QUOTA_OK = "今天最多的一项用了 {percent}%（{path}，{used} / {limit}）。"
QUOTA_NONE = "今天还没有调用。"
QUOTA_HIGH = "{path} 今天已用 {used} / {limit}。快用完了，请查清是什么在大量调用。"
QUOTA_CLOSED = (
    "{path} 今天的次数已用完，{until} 前不再发送。急用可运行 flask --app wsgi wechat quota clear（每月 10 次）。"
)

UNIONID = "两个身份合一"
UNIONID_KNOWN = "已收到 unionid，公众号和小程序是同一个人时会自动合为一人。"
UNIONID_UNKNOWN = (
    "还没有收到过 unionid。请在 open.weixin.qq.com 把公众号和小程序绑定到同一个开放平台账号；"
    "不绑定也能用，居民要用绑定码或到窗口合并。"
)

ALARMS = "发送告警"
ALARMS_OK = "没有。"
ALARMS_OPEN = "有 {count} 项要处理，最近一项：{what}。处理后下一条发出去就会自动消除。"
ALARM = "{app} {channel}{template}，{failure}{code}{field}"
ALARM_TEMPLATE = "（模板 {id}，通知 {notice}）"
ALARM_CODE = "（{code}）"
ALARM_FIELD = "，字段 {field}"
FAILURES = {
    "token_rejected": "令牌反复被拒",
    "bad_content": "内容或模板字段不被接受",
    "misconfigured": "设置与微信不符",
    "banned": "能力或模板被停用",
    "unknown_error": "微信回了没有见过的错误码",
}
CHANNELS = {"template": "模板消息", "subscribe": "订阅消息", "customer_service": "客服消息", "desk": "窗口"}

# --- answers of `flask wechat …` ---

PUBLISHED = "菜单已发布，手机上大约五分钟内更新。给老人用的菜单，请在 mp.weixin.qq.com 给他们打上“{tag}”标签。"
TEMPLATE_LINE = "{channel}  {id}  {title}{long_term}"
LONG_TERM = "（长期）"
TEMPLATE_FIELD = "    {key}  {label}{carries}"
CARRIES = " ← {field}（{notice}）"
NO_TEMPLATES = "没有模板。请先在 mp.weixin.qq.com 选用。"
SYNCED = "{app}：对上了 {entered} 个，原来就对的 {fits} 个，没有模板的 {missing} 个，要处理的 {wrong} 个。"
SYNC_LINE = "  {notice}（{channel}）：{standing}"
STANDINGS = {
    "found": "已对应到“{title}”",
    "gone": "微信那边已没有这个模板",
    "changed": "模板的字段改了",
    "missing": "没有合适的模板",
}
MAPPED = "已对应：{notice} → {id}。"
MAP_UNKNOWN = "没有叫 {notice} 的通知。"
MAP_REFUSED = "不能这样对应：{why}"
MAP_PAIR = "字段要写成 thing1=matter 这样。"
WECHAT_REFUSED = "没有办成。{why}"
QR_SAVED = "二维码已存到 {path}，{life}。扫码后场景值是 {scene}。"
QR_PERMANENT = "长期有效"
QR_UNTIL = "{days} 天内有效"
QR_BAD = "场景值要 1 到 64 个字符，临时码最多 30 天。"
CODE_SAVED = "小程序码已存到 {path}。"
CODE_BAD = "场景值要 1 到 32 个字母、数字或符号，页面不带开头的斜杠。"
PICTURE_BAD = "要一张完整的 JPG 或 PNG 图片，不超过10MB。"
QUOTA_LINE = "{app}  {path}  {used} / {limit}{closed}"
QUOTA_CLOSED_MARK = "  已关闭到 {until}"
QUOTA_UNLIMITED = "不限"
QUOTA_CLEARED = "微信已归还今天的调用次数，{app}重新计数。"
DISMISSED = "已清除 {count} 项告警。"
