"""What the WhatsApp app exports of a chat ("Export chat"), read into entries of a lead.

The format is documented nowhere: it is the phone's. Dates, clocks, digits and WhatsApp's own words
are those of the phone's language and region, and nothing in the file says which these are.

`reading` opens files and zips, `clock` understands a line's date and time, `dates` finds the order
of day, month and year, `words` knows WhatsApp's phrases, `parsing` puts these together, `drafts`
makes entries of it, and `importer` has them recorded. But for the last, nothing knows a database.
"""
