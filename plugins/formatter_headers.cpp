// Nothing but the precompiled header that formatters share.
