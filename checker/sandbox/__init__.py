"""The embedded APIs: a real HTTP server with state, webhooks and planted drift.

Imports nothing of the rest of the checker. `checker.sandbox.server` has the server; this
package imports nothing itself, so that the command line stays quick.
"""
