from tests.console.support import *
def test_board(desk):
    day=TUESDAY.date()
    s=make_slot("xincheng", day, time(10,0))
    a=make_appointment(s, serial=1)
    d=desk()
    for p in ("/console/","/console/marriage/appointments",f"/console/marriage/appointments/{a}","/console/marriage/day-list","/console/messages", "/console/marriage/appointments?tab=all"):
        r=d.get(p); print(p, r.status_code); assert r.status_code==200, r.text
    r=d.post(f"/console/marriage/appointments/{a}/confirm?tab=today",htmx=True)
    assert r.status_code==200, r.text
    print(r.text[:1500])
