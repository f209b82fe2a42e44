"""Sentences of the staff room."""

from backend.staff.rules import NodeKind, Role

SIGN_IN_REFUSED = "用户名或密码不对。连续输错 5 次要等 15 分钟才能再试；忘记密码请找系统管理员重设。"
USERNAME_TAKEN = "这个用户名已经有人用了，请换一个。"
USERNAME_FORM = "用户名要 3 到 40 位，只用小写字母、数字、点、横线和下划线，以字母开头。"
NAME_MISSING = "请填写姓名，最多 40 个字。"
TOO_SHORT = "密码至少 {least} 位。可以用几个不相干的词连起来，好记也难猜。"
TOO_LONG = "密码最多 {most} 位。"
HOLDS_USERNAME = "密码里不要带用户名。"
NODE_UNKNOWN = "没有代码为 {code} 的单位。现有：{known}。"
ACCOUNT_NOT_CREATED = "账号没有建成，请按提示改好再试。"

CLI_USERNAME = "用户名"
CLI_NAME = "姓名"
CLI_NEW_WORD = "密码"
CLI_CREATED = "已建立账号 {username}（{name}，{place}）。"

# Roles: what they are called and what they are for, in one sentence.
ROLE_NAMES = {
    Role.REGISTRAR: "婚姻登记员",
    Role.REGISTRY_HEAD: "登记处负责人",
    Role.COUNTER_CLERK: "窗口经办员",
    Role.PRIVACY_OFFICER: "个人信息保护专员",
    Role.AUDITOR: "审计员",
    Role.SUPERVISOR: "分管领导",
    Role.SOCIAL_WORKER: "社工",
    Role.COUNSELLOR: "婚姻家庭辅导员",
    Role.COUNSELLING_SUPERVISOR: "辅导督导",
    Role.ADMINISTRATOR: "系统管理员",
}
ROLE_SENTENCES = {
    Role.REGISTRAR: "办理本登记处的婚姻登记预约，核对当事人身份；需要导出名单时提出申请。",
    Role.REGISTRY_HEAD: "登记员的全部工作，另加批准导出申请、安排同事请假时的代班。",
    Role.COUNTER_CLERK: "在街道、社区窗口查找居民，当面核实身份，登记亲属报来的变动。",
    Role.PRIVACY_OFFICER: "受理居民查阅、更正、删除本人信息的请求，可以查看相关居民的资料。",
    Role.AUDITOR: "只看和导出审计记录：谁在什么时候看过、改过什么。看不到居民资料，也不能同时是系统管理员。",
    Role.SUPERVISOR: "看预约情况和没有送到的消息，批准导出和改设置的申请，安排请假和代班；不经办具体事项。",
    Role.SOCIAL_WORKER: "给同意的当事人打关爱电话，记下联系情况；只看到自己联系的人，看不到另一方。",
    Role.COUNSELLOR: "接待约了辅导的居民，写只有自己和督导能看的记录，接紧急回电；只看到约自己的人。",
    Role.COUNSELLING_SUPERVISOR: "安排辅导员和排班，看各人的安排、记录和数字，看一次记一次；接紧急回电。",
    Role.ADMINISTRATOR: (
        "管理单位、账号和角色，重设密码，改办事设置、登记处资料和通知模板，看预约情况和没有送到的消息；不经办具体事项。"
    ),
}
NODE_KIND_NAMES = {
    NodeKind.DISTRICT: "区",
    NodeKind.STREET: "街道",
    NodeKind.COMMUNITY: "社区",
    NodeKind.DEPARTMENT: "科室",
    NodeKind.REGISTRY: "婚姻登记处",
    NodeKind.CANTEEN: "助餐点",
    NodeKind.COUNTER: "服务窗口",
}

# Two persons.
REASON_HAS_NUMBER = "理由里请不要写证件号或手机号。"
REASON_FORM = "请写明理由，最多 {most} 个字。"
NOTE_MISSING = "不同意的话，请写一句为什么，申请人会看到。"
APPROVAL_UNKNOWN = "没有找到这项申请，或它不属于您负责的单位。"
OWN_REQUEST = "自己提出的申请要由另一位同事审批。"
IN_ASKERS_STEAD = "您只是代这位申请人行使权限，不能替他审批他自己的申请，请找另一位有权限的同事。"
APPROVAL_OF_OLD = "已停用功能的申请"
APPROVAL_CLOSED = "这项申请已经处理过，或者到期没有审批已失效。"
LIST_COMMA = "、"

# The tree.
NODE_NOT_CHANGED = "单位没有改成，请按提示改好再试。"
NODE_NOT_FOUND = "没有找到这个单位，或它不归您管理。"
NODE_NAME_MISSING = "请填写单位名称，最多 {most} 个字。"
CODE_FORM = "代号只用小写字母、数字和横线，以字母开头，最多 40 位，不能与别的单位相同。"
MISPLACED = "{kind}不能放在这个上级下面，请换一个上级或类别。"
ONE_DISTRICT = "区一级已经有了，只能有一个。"
PARENT_CLOSED = "这个上级已经撤销，请选一个在用的。"
NODE_CLOSED = "这个单位已经撤销。"
NODE_IN_USE = "还有事项挂在这个单位上，暂时不能撤销。"
DISTRICT_STAYS = "区一级不能撤销。"
HANGS_NODES = "下面还有 {count} 个在用的单位，请先撤销或移走。"
HANGS_PEOPLE = "还有 {count} 位同事的所在单位是这里，请先把他们移到别处或停用账号。"
HANGS_ROLES = "还有 {count} 项角色在这里生效，请先收回。"
HANGS_APPROVALS = "还有 {count} 项申请等着审批，请先处理。"

# Accounts and roles.
ACCOUNT_NOT_FOUND = "没有找到这个账号，或它不归您管理。"
ACCOUNT_INACTIVE = "这个账号已停用，请先重新启用。"
ACCOUNT_ACTIVE = "这个账号正在使用，不需要重新启用。"
ROLE_NOT_GIVEN = "角色没有授予成功，请按提示改好再试。"
ROLE_NOT_FOUND = "没有找到这项角色，请刷新页面再看。"
ROLE_ENDED = "这项角色已经结束。"
ROLE_HELD_ALREADY = "这段时间里，这位同事在这个单位已经有这个角色。"
ROLES_INCOMPATIBLE = "{role}和{other}不能由同一个人担任。"
END_TOO_EARLY = "结束时间要晚于开始时间。"
END_NOT_LATER = "这里只能提前结束；要延长，请另外授予一项。"
NOT_TO_ONESELF = "不能给自己授予角色，请由另一位系统管理员办理。"
NOT_ONESELF = "不能停用自己的账号，请由另一位系统管理员办理。"
ONLY_OWN_ADMINISTRATOR = "代班期间不能任免系统管理员，请等本人回来办理。"
LAST_ADMINISTRATOR = "这是全区最后一位系统管理员，先让另一位同事担任系统管理员，再做这一步。"
CHANGE_YOUR_OWN = "自己的密码请在“我的账号”里修改。"

# Leave and stand-ins.
LEAVE_NOT_TAKEN = "请假没有登记成，请按提示改好再试。"
LEAVE_ENDS_EARLY = "最后一天要在第一天之后，而且不早于今天。"
LEAVE_TOO_FAR = "最多提前 {days} 天登记。"
LEAVE_TOO_LONG_ONESELF = "自己登记最多 {days} 天；更长的请负责人或系统管理员登记。"
LEAVE_TOO_LONG = "一次最多登记 {days} 天，到期后再续。"
STAND_IN_UNFIT = "请选一位在职的同事代班。"
STAND_IN_ONESELF = "不能安排自己代班，请选另一位同事，或请另一位负责人登记。"
STAND_IN_ELSEWHERE = "请在本单位的同事里选一位代班。"
STAND_IN_ABSENT = "这位同事那几天也请假，请换一位。"

CLI_NODE_ADDED = "已添加{kind}“{name}”，代号 {code}。"
CLI_NO_PARENT = "没有代号为 {code} 的上级单位。"
CLI_NO_ACCOUNT = "没有用户名为 {username} 的账号。"
CLI_ONE_TIME = "{username} 的一次性密码是 {password}，首次登录后要马上改掉。"
CLI_ASSIGNED = "{name}在{place}担任{role}。"

# Helping a colleague who cannot sign in.
NOT_LOCKED = "这个账号没有被锁定，不用解锁。"
NOT_BOUND = "这个账号没有绑定微信。"
NO_SECOND_FACTOR = "这个账号没有启用第二重验证。"
NOWHERE_SIGNED_IN = "这个账号现在没有在任何地方登录。"
REMOVE_SECOND_FACTOR = "关闭{name}的第二重验证"
SOMEBODY = "一位同事"
TOLD = {
    "unlocked": "解除了登录锁定",
    "second_factor_removed": "关闭了第二重验证",
    "wechat_unbound": "解绑了微信，退出了所有登录",
    "sessions_ended": "退出了所有登录",
}
