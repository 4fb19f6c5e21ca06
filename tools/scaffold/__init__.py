"""Starts a new family, operation, event or act, each with a test that fails until it is done.

python -m tools.scaffold operation customers externalcontact/followed_since
python -m tools.scaffold family member_tags 成员标签 "Member tags"
python -m tools.scaffold event directory change_contact update_tag
python -m tools.scaffold act customers customer_waves
"""
