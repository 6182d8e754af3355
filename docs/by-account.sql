-- Keys by account: what Citus, or partitions by account, ask of every table that is spread.
-- `docs/operations.md` says when; the tests run this file and hold it against the tables there are.
-- Tables are locked while their key is built anew. Django notices nothing: to it, `id` stays the key.

DO $$
DECLARE
    spread regclass;
    key name;
BEGIN
    -- It leads from a report to its delivery by the id alone.
    SELECT conname INTO key FROM pg_constraint
        WHERE conrelid = 'timeline_entryreport'::regclass
            AND confrelid = 'timeline_delivery'::regclass;
    EXECUTE format('ALTER TABLE timeline_entryreport DROP CONSTRAINT %I', key);

    FOREACH spread IN ARRAY ARRAY[
        'leads_lead', 'leads_leadidentity', 'leads_keptanswer', 'timeline_message',
        'timeline_calltranscript', 'timeline_activity', 'timeline_daycount', 'timeline_delivery',
        'timeline_entryreport', 'timeline_storedfile'
    ]::regclass[] LOOP
        SELECT conname INTO key FROM pg_constraint WHERE conrelid = spread AND contype = 'p';
        -- The id first, so that looking one up takes no more than before.
        EXECUTE format(
            'ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I PRIMARY KEY (id, account_id)',
            spread, key, key
        );
    END LOOP;

    ALTER TABLE timeline_entryreport ADD CONSTRAINT entryreport_delivery_within_account
        FOREIGN KEY (delivery_id, account_id) REFERENCES timeline_delivery (id, account_id)
        ON DELETE SET NULL (delivery_id) DEFERRABLE INITIALLY DEFERRED;
END $$;
