"""Demo data: leads whose histories read like life, the same ones for the same seed.

The texts are screenplays (`texts/`, the form is in `screenplay`); everything here is pure, but
`seeding`, which puts the result into the database.
"""

from timeline.demo.leads import DemoLead, demo_leads, endless_leads

__all__ = ["DemoLead", "demo_leads", "endless_leads"]
