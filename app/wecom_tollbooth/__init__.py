"""WeCom Tollbooth: a simulator of WeCom's external-contact CRM API, with a toll booth in front."""

__version__ = "0.2.0"
