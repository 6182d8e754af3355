"""The fault drill: webhooks at full speed while servers and the database are killed, again and
again. `make drill` runs it; it is a program, not a test.

| file | what |
|---|---|
| `__main__.py` | a folder of its own, in it the drill, and the folder's end |
| `run.py` | the drill: set up, deliver, kill, count |
| `facts.py` | what is delivered, and what the timeline must be in the end |
| `clients.py` | who delivers, and tries again until it is acknowledged |
| `victims.py` | servers, worker and database: started, killed, started again |
| `tally.py` | what is in the timelines, and what is lost or doubled |
"""
