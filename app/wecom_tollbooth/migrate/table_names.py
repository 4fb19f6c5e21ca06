"""Which tables each revision of the schema has, so that another program's are told apart from ours."""

MADE: dict[str, str] = {
    "0001": (
        "access_token app biz_mail call_journal corp department external_contact follow_tag "
        "follow_user id_block member member_department members_created rate_window sim_clock tag "
        "tag_group usage_record"
    ),
    "0002": "act_record callback callback_try delivery_knobs personal_tag welcome_code",
    "0003": "intercept_rule product_album school_notice strategy strategy_node",
    "0004": "contact_way temp_chat way_count",
    "0005": "acquisition_link chat_key due_deed link_click link_customer quota_lot",
    "0006": "former_relation",
    "0008": ("conversion_count id_migration mini_program_user pending_id provider provider_token scoped_id"),
    "0009": "group_chat group_messages group_ownership group_stay",
    "0010": "corp_group corp_group_corp school_parent shared_app temporary_id",
    "0011": "follow_up follow_up_change follow_up_corp follow_up_count follow_up_gram follow_up_log",
    "0012": "document field_group sheet_field sheet_record sheet_view smart_sheet",
    "0013": "closed_corp ledger_seal usage_level usage_total",
    "0014": "group_join_way",
    "0015": "closed_app",
    "0016": "latency_profile",
    "0017": "budget budget_month",
    "0018": "seat",
    "0019": "sheet_rule",
    "0021": "handover",
    "0023": "licence_account licence_enforcement",
    "0025": "sheet_group sheet_window webhook_key",
    "0026": "callback_attempt delivery_faults scheduled_task",
    "0027": "heartbeat",
    "0029": "callback_endpoint delivery_worker",
    "0031": "unfinished_corp",
    "0033": "removed_rows",
    "0034": "phone_item phone_message",
    "0036": "chat_window member_chat",
    "0038": "app_message card_version messages_of_day response_code sent_content",
    "0039": "mass_message mass_received mass_receiver mass_rule mass_task",
    "0040": "moment moment_corp moment_job moment_publication moment_reaction moment_viewer",
    "0041": "group_robot",
    "0043": "group_welcome group_welcome_template",
    "0044": "dropped_file media media_address",
    "0045": "upload_job",
    "0046": "js_ticket login_code user_ticket",
    "0047": "member_greeting",
    "0048": "app_profile",
    "0049": "member_tag tagged_department tagged_member",
    "0050": "member_openid",
    "0051": "archive_consent archive_edition",
    "0052": "tfa_code unverified_member verification_page",
    "0053": "webview webview_call",
    "0058": "framed_page",
    "0059": "corp_clock",
    "0060": "export_file export_job export_part import_job import_row leftover_department",
    "0061": "planned_fault",
    "0062": "app_admin workbench_data workbench_template",
    "0066": "security_record",
    "0067": "external_bill external_payments_off",
    "0068": "advice advice_watch",
    "0069": "keyed_corp",
    "0071": "ledger_segment snapshot snapshot_file snapshot_part superseded_record",
    "0072": "corp_seed",
    "0073": "mini_program",
}
"""By the revision that makes them. Who adds a migration adds its tables here."""

GONE: dict[str, str] = {
    "0013": "former_relation",
    "0026": "callback_try delivery_knobs due_deed",
    "0061": "latency_profile",
}
"""By the revision that drops or renames them."""

ON_POSTGRESQL_ALONE = frozenset({"rate_window"})


def tables_at(revision: str) -> frozenset[str]:
    """Our tables in a database at this revision, but for the one that holds the revision."""
    names: set[str] = set()
    for since in sorted(MADE.keys() | GONE.keys()):
        if since <= revision:
            names |= set(MADE.get(since, "").split())
            names -= set(GONE.get(since, "").split())
    return frozenset(names)
