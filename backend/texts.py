"""Sentences of the command line."""

from backend.storage.index_keys import IndexFault

DEMO_IN_PRODUCTION = "正式环境不能装入演示数据。"
CALENDAR_IMPORTED = "{year}年放假安排已导入，共{count}天与平常不同。"
MARKS = {True: "✔", False: "✘", None: "–"}

KEYS_PROGRESS = "{table}：已换 {done} / {total}，每秒 {rate} 个，约还要 {seconds} 秒"
KEYS_PACE = "每秒 {rate} 个，约还要 {seconds} 秒  {table}"
KEYS_INTERRUPTED = "已停下。换好的都已保存，再运行一次 keys rotate 就会接着换。"
KEYS_ROTATED = "换好了 {done} 个。所有数据现在都用密钥 {key_id}（{cipher}）加密。"
KEYS_UNUSED = (
    "数据库里已用不到这些密钥：{ids}。确认所有进程都已用新设置重启后，可以把它们从 FIELD_KEYS 里删去；"
    "以前的备份还要靠它们才能打开，请和备份一起保管。"
)
KEYS_UNREADABLE = "{column}：有 {count} 个打不开，没有动。所用密钥可能不在 FIELD_KEYS 里，请补上再运行。例如："
KEYS_LEFT = "{column}：还有 {count} 个没换。"
KEYS_LEFT_WHY = "可能有进程还在用以前的设置，或有数据一直被占用。请重启所有进程，再运行一次 keys rotate。"
KEYS_CURRENT = "当前密钥：{key_id}（{cipher}）"
KEYS_COUNT = "{key_id}（{cipher}）{count} 个"
KEYS_COUNT_WITHOUT_KEY = "{key_id}（{cipher}，FIELD_KEYS 里没有这把密钥）{count} 个"
KEYS_FOREIGN = "无法识别 {count} 个"
KEYS_EMPTY = "没有数据"

INDEX_PROGRESS = "{column}：换了 {count} 个"
INDEX_DONE = "索引都已用现在的 BLIND_INDEX_KEY，这次换了 {count} 个。可以启动服务了；原来的密钥要一直留在新密钥后面。"
INDEX_IN_USE = "还有 {count} 个别的连接在用数据库，什么都没有改。请先停下 web、worker 和 tick，再运行一次。"
INDEX_FAULTS = {
    IndexFault.BEHIND: "BLIND_INDEX_KEY 前面加了新密钥，数据库里的索引还没有换。请停下所有服务，运行 keys reindex。",
    IndexFault.UNKNOWN: (
        "BLIND_INDEX_KEY 和数据库里的索引对不上，用它会找不到人、还会重复预约。"
        "请改回原来的密钥；从备份恢复的，请用当时的密钥。"
    ),
}

DATABASE = "数据库"
DATABASE_OK = "可连接，版本 {version}。"
DATABASE_AWAY = "连不上。请检查 DATABASE_URL 和数据库是否启动。"
MIGRATIONS = "数据库结构"
MIGRATIONS_OK = "已是最新。"
MIGRATIONS_BEHIND = "不是最新，请运行 flask --app wsgi db upgrade。"
INDEX_KEYS = "索引密钥"
INDEX_KEYS_OK = "和数据库里的索引一致。"
REDIS = "Redis"
REDIS_OK = "可连接。"
REDIS_AWAY = "连不上。提醒仍会由 tick 发出，但会慢些。请检查 REDIS_URL。"
TICK = "定时任务"
TICK_OK = "正常，{seconds}秒前运行过。"
TICK_SILENT = "没有在运行，请启动 flask --app wsgi tick。"
CALENDAR = "放假安排"
CALENDAR_OK = "可预约日期所在年份都已导入。"
CALENDAR_MISSING = (
    "{years}年还没有导入，这些日期会标注“以登记处通知为准”。通知公布后请运行 flask --app wsgi calendar import。"
)
ENVIRONMENT = "运行方式"
ENVIRONMENT_DEMO = "演示。正式使用请设 ENVIRONMENT=production。"
ENVIRONMENT_PRODUCTION = "正式。"
