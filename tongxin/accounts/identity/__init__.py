"""Signing in with a city's identity service: ``services`` settings, ``provider`` the protocol, ``tokens`` what a token says, ``links`` who is whom."""
