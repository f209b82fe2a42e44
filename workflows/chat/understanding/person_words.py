"""Words around names in a typed list of persons: labels to take off, and what a name looks like without a number."""

from __future__ import annotations

import re
from typing import Final

from workflows.chat.understanding.words import word_set

# Labels stand before a name or a number; kinship words only count when something separates them from the name.
LABEL: Final = re.compile(
    r"(?:姓\s?名|名\s?字|(?:居民)?身\s?份\s?[证證]\s?(?:件)?\s?(?:号\s?码|號\s?碼|号|號|码)?|证件(?:类型|号码|号)?|證件(?:號碼|號)?|号码|號碼|"
    r"护照(?:号码|号)?|護照(?:號碼|號)?|(?:港澳|台湾|回乡|台胞)?(?:居民)?(?:来往(?:内地|大陆))?通行证(?:号码|号)?|台胞证(?:号)?|回乡证(?:号)?|"
    r"居住证(?:号)?|手机(?:号码|号)?|手機(?:號碼|號)?|联系电话|联系方式|电话(?:号码)?|電話(?:號碼)?|passport(?:\s?no\.?)?|tel)"
    r"\s?(?:是|为|:|=)?|(?:我的名字叫|名叫|我叫|我是|他叫|她叫)"
)
ROLE: Final = re.compile(
    r"(?<![一-鿿㐀-䶿·])(?:男方|女方|新郎|新娘|本人|对方|配偶|丈夫|妻子|老公|老婆|爱人|爸爸|妈妈|父亲|母亲|我爸|我妈|儿子|女儿|申请人|户主|"
    r"我老公|我老婆|我对象|对象|第[一二三四]个|另一方|一方|紧急联系人|联系人|家属|证人|老人)(?:是|叫)?(?=$|[\s:,])\s?:?|(?<![一-鿿㐀-䶿·])[男女我他她](?=$|[\s:,])\s?:?|"
    r"(?:男方|女方|新郎|新娘|本人|我(?:妈妈?|爸爸?|老公|老婆|爱人|对象|媳妇|丈夫|妻子|儿子|女儿|奶奶|爷爷))(?=[一-鿿]{2})"
)
PASSPORT_HINT: Final = re.compile(r"护照|護照|passport", re.IGNORECASE)
PERMIT_HINT: Final = re.compile(r"台胞|台湾|臺灣|通行证|通行證")

# A name alone on its line is only believed when it begins with a common surname and is no everyday word.
_SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍"
    "韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游裴席卫查屈鲍霍翁隋植甘景薄单包司柏宁"
    "柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦"
    "迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺張陳劉楊趙黃吳孫馬羅"
    "鄭謝韓馮許傅呂蘇盧蔣賈葉閻鍾譚鄒陸顧龍萬錢湯賀賴龔龐蘭顏嚴"
)
_DOUBLE_SURNAMES: Final = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "长孙",
    "司徒",
    "东方",
    "南宫",
    "歐陽",
)
_NOT_IN_NAMES: Final = re.compile(
    r"[的吗呢我你您他她们什么怎啊吧呀哦这那哪谁请]|可以|没有|知道|身份|号码|结婚|离婚|登记|预约"
)
_EVERYDAY: Final = word_set(
    """
    明天 明白 明早 明晚 成功 全部 全对 和谐 时间 高兴 常常 任何 万一 关系 方便 马上 来了 应该 安全 安排 简单
    包括 单位 周一 周二 周三 周四 周五 周六 周日 周末 白天 计划 何时 成了 向前 都是 都对 都好 都行 都来 宁可
    曾经 原来 花钱 时候 解释 解决 连续 查询 查一下 查看 管理 强烈 左右 路上 路过 文件 来电 任务 许多 易懂
    施工 向上 党员 房子 房产 车子 车票 边上 关于 关门 华人 单身 包子 成都 金额 金钱 银行 保险 和好 万分 万岁
    余下 应当 应付 温暖 成年 花费 解开 凌晨 元旦 乐意 全是 全家 都要 来人 来啦 盖章 简历 牛奶 米饭 白菜 谢谢
    谢啦 谢了
    """
)


def may_be_a_name(name: str, *, with_number: bool) -> bool:
    """Whether a run of characters can be a person's name; alone on its line it must also look like one."""
    if not 2 <= len(name) <= 20 or _NOT_IN_NAMES.search(name):
        return False
    if with_number:
        return True
    if name.isascii() or name in _EVERYDAY:
        return False
    if "·" in name:
        return name.strip("·") == name
    return len(name) <= 4 and begins_with_surname(name)


def begins_with_surname(name: str) -> bool:
    """Whether the text begins with one of the usual surnames, simplified or traditional."""
    return name[:1] in _SURNAMES or name.startswith(_DOUBLE_SURNAMES)
