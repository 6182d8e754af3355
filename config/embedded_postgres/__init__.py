"""A PostgreSQL server that comes with the project, for trying, developing and testing it.

A Django database backend: the first connection starts the server, and the kernel tells when the
last process that used it has gone, killed ones included.

| file | what |
|---|---|
| `base.py` | the backend Django asks for |
| `server.py` | a process enters: lease, start, database |
| `guardian.py` | the process that runs the server and stops it with its last user |
| `children.py` | programs that do not outlive it |
| `cluster.py` | the data folder and the command line of `postgres` |
| `places.py` | the binaries, and the home of the data |
| `root.py` | the same for root, whom PostgreSQL refuses |
| `locks.py` | file locks |
| `remove.py` | forget the data: `make clean` |

Only `base.py` knows Django: the guardian must start fast and outlive nothing it does not need.
"""
