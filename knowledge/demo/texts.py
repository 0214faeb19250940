"""The demonstration's own words: two companies that build a harbour ferry."""

START = """
Zilvermeeuw is the electric harbour ferry that **Vaartkade** runs and **Meridian**
powers. This is the place where both write down what they agree, measure and decide.

| Read first | Why |
|---|---|
| [[Battery room]] | Layout, access, rules for everyone on board |
| [[Charging at the quay]] | Who plugs in, who signs off |
| [[Verslag overleg 12 november]] | The last meeting, in Dutch |

- [x] Hull delivered
- [x] Fire test, round 3
- [ ] Sea trials

> [!NOTE]
> Partners see this project until the date in the bar above. Prices stay inside.
"""

BATTERY_ROOM = """
## Layout

The room sits on frame 14 to 19, with its own ventilation and one door to the deck.
Only people with the *pack* card go in while a string is live.

## What to do when the alarm sounds

1. Leave the room and close door B.
2. Do not open it again, whatever you hear.
3. Call the duty engineer of Vaartkade; she calls Meridian.

!!! warning "Do not copy the sensor height"
    It was chosen for this room. Above 2.4 m ceiling height, ask for a smoke run first.
"""

FIRE_TEST = """
One cell was driven into thermal runaway on purpose. The room held for 41 minutes,
eleven more than class asks for.[^class] Two things still change before sea trials.

## What we measured

| Moment | Round 2 | Round 3 | Limit |
|---|--:|--:|--:|
| Gas alarm after venting | 52 s | **9 s** | 30 s |
| Mist at full pressure | 71 s | **22 s** | 60 s |
| Room tight | 24 min | **41 min** | 30 min |

## What changes now

- Cable duct B3 gets a second collar. Smoke was seen in the corridor after 33 minutes.
- The mist pump moves to the emergency board, see [[Charging at the quay]].
- Meridian writes the new shutdown order into the [[Pack MP-40 handbook]].

```python
def alarm(sensor_ppm: float, limit: float = 40.0) -> bool:
    return sensor_ppm > limit
```

[^class]: Thirty minutes for a room of this size.
"""

CHARGING = """
Two ferries share one transformer on quay 7. The ferry that leaves first charges first.

- Plug in only when both green lamps burn.
- Channel 14 for the quay, channel 12 for the ship.
- After each charge the mate writes the meter reading into the log.
"""

MEETING_NL = """
Aanwezig: Anouk, Ruben (Vaartkade) en Nadia (Meridian).

## Besluiten

1. Ronde 4 van de brandproef doen we met verouderde cellen.
2. De pakketten uit de proefopstelling gaan in week 3 naar de werf.
3. Foto's en auto's blijven buiten de hal zolang er geladen wordt.
"""

PRICES = """
Inside Vaartkade only: the supplier's offer of 9 November.

| Part | Offer | Budget |
|---|--:|--:|
| Collar set B3 | € 4 180 | € 5 000 |
| Mist pump, moved | € 11 900 | € 9 500 |
| Spare pack MP-40 | € 84 000 | € 80 000 |
"""

QUALITY = """
How Vaartkade works: procedures, audits and who checks what. Open to everyone inside the
company, to nobody outside it.
"""

LOCK_OUT = """
## Lock-out of quay panels

Two people, two locks, one list. The list hangs at the panel until both locks are off.
"""

BOARD = """
Notes of the board. Only who is named here sees that this project exists.
"""

HANDBOOK = """
Meridian's handbook of the MP-40 pack: safety and service, for yards and operators.

See also [[Order of shutdown]].
"""

SHUTDOWN = """
1. Contactors open.
2. Mist on, never the other way round.
3. Fan at 60 % after four minutes.
"""

ABSCHALTEN_DE = """
## Reihenfolge beim Abschalten

Zuerst öffnen die Schütze, danach startet der Wassernebel. Der Lüfter läuft nach vier
Minuten mit 60 Prozent. Größere Räume brauchen eine eigene Rauchprobe.
"""

BATTERY_ROOM_DRAFT = BATTERY_ROOM.replace("frame 14 to 19", "frame 14 to 20")
CHARGING_EDIT = CHARGING.replace("meter reading", "meter reading and the time")
