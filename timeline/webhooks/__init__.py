"""Webhooks of providers: one file a provider, none knowing of another."""
