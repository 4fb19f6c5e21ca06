"""What the client answers to `window.WeixinJSBridge.invoke`, a function each.

identity.py: config, agentConfig, checkJsApi. contexts.py: where the page was opened. messages.py: what the
page sends. chats.py: chats and profiles that it opens. surface.py: what has no effect here.
"""

from wecom_tollbooth.client.functions import chats, contexts, identity, messages, surface
from wecom_tollbooth.client.functions.registry import FUNCTIONS

__all__ = ["FUNCTIONS", "chats", "contexts", "identity", "messages", "surface"]
