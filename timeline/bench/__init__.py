"""What a page of history costs, beside the least it could cost and what it usually costs; and what
is around it: pages for staff, writing, many connections, many writers, memory.

Only `manage.py bench_history` comes here.

| file | what |
|---|---|
| `dataset.py`, `sayings.py`, `filling.py` | leads and millions of entries to measure on, by COPY |
| `tidying.py` | the dataset as it was, after a run |
| `candidates.py`, `measure.py` | what is asked in turns, and its CPU and wall time |
| `floor.py`, `usual.py` | what the endpoint is held against |
| `statements.py` | the statements of a request: how many, and their plans |
| `writing.py`, `webhooks.py` | writing in bulk, and one webhook |
| `contention.py`, `writer.py` | many who write at once |
| `server.py`, `load.py` | the real server under load, and its memory |
| `goals.py`, `report.py` | what the figures are held against, and how they are told |
"""
