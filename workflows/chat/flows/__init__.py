"""Every conversation there is, in the order the menu numbers them; the last ones have no number."""

from workflows.chat.flows.marriage import BOOK, CANCEL, MATTERS, OWN, PAPERS, RESCHEDULE, RUSH, SAFE, WAIT
from workflows.chat.flows.marriage.archive import ARCHIVE
from workflows.chat.flows.marriage.archive_own import ARCHIVE_OWN
from workflows.chat.flows.marriage.ceremony import CEREMONY, EVENTS
from workflows.chat.flows.marriage.counselling import COUNSELLING
from workflows.chat.flows.marriage.divorce import APPLICATION
from workflows.chat.flows.marriage.moved import MOVED
from workflows.chat.flows.people import COUNTER_CODE, LINK, PROXY
from workflows.chat.flows.privacy import CLOSE, OWN_DATA, WISHES
from workflows.chat.router import Directory, MenuEntry

DIRECTORY = Directory(
    greeting="您好，这里是暖民·区民政局。",
    entries=(
        MenuEntry("结婚登记预约", BOOK),
        MenuEntry("我的预约（改时间、取消）", OWN),
        MenuEntry("结婚登记要带什么", PAPERS),
        MenuEntry("替家人代办", PROXY),
        MenuEntry("婚姻登记其他业务（补领、查档案等）", MATTERS),
    ),
    unlisted=(
        SAFE,
        MOVED,
        WAIT,
        RUSH,
        APPLICATION,
        COUNSELLING,
        CEREMONY,
        EVENTS,
        ARCHIVE,
        ARCHIVE_OWN,
        RESCHEDULE,
        CANCEL,
        OWN_DATA,
        WISHES,
        CLOSE,
        LINK,
        COUNTER_CODE,
    ),
    menu_keys={"MENU_MARRIAGE": "结婚登记", "MENU_MY_APPOINTMENTS": "我的预约", "MENU_HELP": "帮助"},
)

__all__ = ["DIRECTORY"]
