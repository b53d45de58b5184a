"""The demo's sample app: a support assistant, written as an app developer would write it.

It knows nothing of the server but the one line that it calls.
"""
