"""Starts a new family, operation, event or act, each with a test that fails until it is done.

python -m tools.scaffold operation customers externalcontact/followed_since
python -m tools.scaffold family licences 接口调用许可 "API licence"
python -m tools.scaffold event directory change_contact rename_user
python -m tools.scaffold act customers customer_waves
"""
