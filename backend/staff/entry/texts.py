"""Sentences about proving who one is: at the console, and in the chat that confirms a scan."""

from backend.parameters import Words

THIS_MACHINE = "本机"
WECHAT_BROWSER = "微信"
QQ_BROWSER = "QQ浏览器"
HARMONY = "鸿蒙"

# --- passwords and codes ---

CODE_REFUSED = "验证码不对。请看手机上最新的 6 位数字；每个验证码只能用一次，等它换了再输。连续输错 5 次要等 15 分钟。"
TOO_LATE = "这次登录停留太久，或试的次数太多了，请重新输入用户名和密码。"
WRONG_WORD = "密码不对。连续输错 5 次要等 15 分钟才能再试。"
WORD_NOT_CHANGED = "密码没有改，请按提示改好再试。"
TOO_SHORT = "密码至少 {least} 位。可以用几个不相干的词连起来，好记也难猜。"
TOO_LONG = "密码最多 {most} 位。"
HOLDS_USERNAME = "密码里不要带用户名。"
AS_BEFORE = "新密码要和现在的不一样。"
PASSWORDS_DIFFER = "两次输入的新密码不一样，请再输一次。"

# The name under which an authenticator shows the account.
ISSUER = "暖民工作台"

SET_UP_REFUSED = "验证码不对。请确认手机时间是自动设置的，再输入最新的 6 位数字。"
SET_UP_GONE = "这次设置已经过期，请重新开始。"

# --- the chat ---

ASK_SIGN_IN = (
    "有人在电脑上要用您的账号“{name}”登录暖民工作台（{origin}）。\n"
    "是您本人：请把电脑上显示的两位数字回复过来。\n"
    "不是您，或是别人发来的二维码：回复 0 拒绝。\n"
    "3分钟内有效。"
)
ASK_BIND = (
    "要把这个微信绑定到工作台账号“{name}”吗？绑定后，扫码就能登录（{origin}）。\n"
    "是您本人：请把电脑上显示的两位数字回复过来。\n"
    "不是您：回复 0 拒绝。\n"
    "3分钟内有效。"
)
ORIGIN_UNKNOWN = "来源不明"
SIGNED_IN = "已确认，电脑上马上就登录好了。"
BOUND = "绑定好了 ✔ 以后在登录页点“微信扫码登录”，用这个微信扫一扫就行。"
REFUSED = "已拒绝，没有人登录。如果这不是您本人的操作，请尽快修改工作台密码，并告诉系统管理员。"
BIND_REFUSED = "已拒绝，这个微信没有绑定。"
NOT_BOUND = (
    "这个微信还没有绑定工作台账号，不能用它登录。\n"
    "工作人员请先用密码登录，在“我的账号”里绑定；居民办事不用扫这个码，回复“菜单”就可以开始。"
)
CODE_EXPIRED = "这个二维码已经过期，请在电脑上重新获取，再扫一次。"
CODE_TAKEN = "这个二维码已经被另一个微信扫过了，请在电脑上重新获取。"
BOUND_ALREADY = "这个微信或这个账号已经绑定过了。一个微信只能绑定一个工作台账号，要换请先在“我的账号”里解绑。"

# What the bureau may set.
PARAMETERS_TITLE = "工作台登录"
PARAMETERS = {
    "staff.session_hours": Words("一次登录最长多久", "到时要重新登录，正在填的表不会提交。", "小时"),
    "staff.session_idle_minutes": Words("多久不动就退出", "离开座位时别人不能接着用。", "分钟"),
}
