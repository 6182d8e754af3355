"""What a page of history costs, beside the least it could cost and what it usually costs.

Only `manage.py bench_history` comes here.
"""
