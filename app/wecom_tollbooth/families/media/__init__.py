"""素材: uploaded files, by media_id and by address.

lookup.py answers which file a media_id means; every operation that accepts a media_id asks it.
"""
