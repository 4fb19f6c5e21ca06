CREATE TABLE access_token (
	corp_id VARCHAR NOT NULL,
	token VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, token)
);
CREATE TABLE acquisition_link (
	corp_id VARCHAR NOT NULL,
	link_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	link_name VARCHAR NOT NULL,
	create_time BIGINT NOT NULL,
	skip_verify BOOLEAN NOT NULL,
	user_list TEXT NOT NULL,
	department_list TEXT NOT NULL,
	priority_type INTEGER,
	priority_userid_list TEXT,
	created_by BIGINT NOT NULL,
	deleted_at BIGINT, mark_source BOOLEAN DEFAULT 1 NOT NULL,
	PRIMARY KEY (corp_id, link_id)
);
CREATE TABLE act_record (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	at BIGINT NOT NULL,
	kind VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	reference VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, id)
)
 WITHOUT ROWID;
CREATE TABLE advice (
	corp_id VARCHAR NOT NULL,
	code VARCHAR NOT NULL,
	operation VARCHAR NOT NULL,
	field VARCHAR NOT NULL,
	count BIGINT NOT NULL,
	first_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	about TEXT NOT NULL,
	called_at BIGINT NOT NULL,
	usage_id BIGINT NOT NULL,
	PRIMARY KEY (corp_id, code, operation, field)
)
 WITHOUT ROWID;
CREATE TABLE advice_watch (
	corp_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	"key" VARCHAR NOT NULL,
	operation VARCHAR NOT NULL,
	at BIGINT NOT NULL,
	count BIGINT NOT NULL,
	mark TEXT NOT NULL,
	called_at BIGINT NOT NULL,
	usage_id BIGINT NOT NULL,
	PRIMARY KEY (corp_id, kind, "key")
)
 WITHOUT ROWID;
CREATE TABLE app (
	corp_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	secret VARCHAR NOT NULL,
	enabled BOOLEAN NOT NULL,
	visible TEXT,
	trusted_ips TEXT NOT NULL,
	callback_url VARCHAR NOT NULL,
	callback_token VARCHAR NOT NULL,
	encoding_aes_key VARCHAR NOT NULL,
	created_at BIGINT NOT NULL, provider_id VARCHAR, contactable TEXT, trusted_domains TEXT DEFAULT '[]' NOT NULL, directory_details BOOLEAN DEFAULT 0 NOT NULL, closed_unused BOOLEAN DEFAULT 0 NOT NULL, customer_limit TEXT, keeps_documents BOOLEAN DEFAULT 0 NOT NULL,
	PRIMARY KEY (corp_id, agentid)
);
CREATE TABLE app_admin (
	corp_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	auth_type INTEGER NOT NULL,
	PRIMARY KEY (corp_id, agentid, userid)
)
 WITHOUT ROWID;
CREATE TABLE app_message (
	corp_id VARCHAR NOT NULL,
	message_id BIGINT NOT NULL,
	agentid BIGINT NOT NULL,
	msgid VARCHAR NOT NULL,
	msgtype VARCHAR NOT NULL,
	sent_at BIGINT NOT NULL,
	task_id VARCHAR,
	PRIMARY KEY (corp_id, message_id)
);
CREATE TABLE app_profile (
	corp_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	description VARCHAR NOT NULL,
	logo_mediaid VARCHAR NOT NULL,
	home_url VARCHAR NOT NULL,
	report_location_flag INTEGER NOT NULL,
	isreportenter INTEGER NOT NULL,
	menu TEXT NOT NULL,
	PRIMARY KEY (corp_id, agentid)
)
 WITHOUT ROWID;
CREATE TABLE archive_consent (
	corp_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	chat_id VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	agreed BOOLEAN NOT NULL,
	changed_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, userid, chat_id, external_userid)
);
CREATE TABLE archive_edition (
	corp_id VARCHAR NOT NULL,
	edition INTEGER NOT NULL,
	userids TEXT NOT NULL,
	partyids TEXT NOT NULL,
	tagids TEXT NOT NULL,
	seats INTEGER,
	expires_at BIGINT,
	PRIMARY KEY (corp_id, edition)
);
CREATE TABLE biz_mail (
	corp_id VARCHAR NOT NULL,
	address VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	is_alias BOOLEAN NOT NULL,
	PRIMARY KEY (corp_id, address)
);
CREATE TABLE budget (
	corp_id VARCHAR NOT NULL,
	amount BIGINT NOT NULL,
	alerts TEXT NOT NULL,
	barrier VARCHAR NOT NULL,
	blocked BOOLEAN NOT NULL,
	day INTEGER NOT NULL,
	books VARCHAR NOT NULL,
	calls_left BIGINT NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE budget_month (
	corp_id VARCHAR NOT NULL,
	month VARCHAR NOT NULL,
	paid BIGINT NOT NULL,
	alerts_sent TEXT NOT NULL,
	PRIMARY KEY (corp_id, month)
);
CREATE TABLE call_journal (
	corp_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	usage_id BIGINT NOT NULL,
	at BIGINT NOT NULL,
	agentid BIGINT NOT NULL,
	ip VARCHAR NOT NULL,
	method VARCHAR NOT NULL,
	path VARCHAR NOT NULL,
	"query" VARCHAR NOT NULL,
	body VARCHAR NOT NULL,
	http_status INTEGER NOT NULL,
	errcode INTEGER NOT NULL,
	errmsg VARCHAR NOT NULL,
	detail VARCHAR NOT NULL,
	warned BOOLEAN NOT NULL,
	duration_us INTEGER NOT NULL, fault BIGINT,
	PRIMARY KEY (corp_id, seq)
)
 WITHOUT ROWID;
CREATE TABLE callback (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	agentid BIGINT NOT NULL,
	at BIGINT NOT NULL,
	event VARCHAR NOT NULL,
	change_type VARCHAR NOT NULL,
	xml VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	due_at BIGINT NOT NULL,
	attempts INTEGER NOT NULL,
	copy_of BIGINT, position BIGINT DEFAULT '0' NOT NULL, aside BOOLEAN DEFAULT 0 NOT NULL, address TEXT,
	PRIMARY KEY (corp_id, id)
)
 WITHOUT ROWID;
CREATE TABLE "callback_attempt" (
	corp_id VARCHAR NOT NULL,
	callback_id BIGINT NOT NULL,
	number INTEGER NOT NULL,
	at BIGINT NOT NULL,
	url VARCHAR NOT NULL,
	status INTEGER NOT NULL,
	answer VARCHAR NOT NULL,
	error VARCHAR NOT NULL,
	duration_ms INTEGER NOT NULL, reply TEXT,
	PRIMARY KEY (corp_id, callback_id, number)
);
CREATE TABLE callback_endpoint (
	corp_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	failures INTEGER NOT NULL,
	last_success_at BIGINT,
	paused_at BIGINT,
	paused_until BIGINT,
	lease_owner BIGINT,
	PRIMARY KEY (corp_id, agentid)
);
CREATE TABLE card_version (
	corp_id VARCHAR NOT NULL,
	version_id BIGINT NOT NULL,
	message_id BIGINT NOT NULL,
	PRIMARY KEY (corp_id, version_id)
);
CREATE TABLE chat_key (
	corp_id VARCHAR NOT NULL,
	chat_key VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	link_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	recv_msg_cnt INTEGER NOT NULL,
	issued_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, chat_key)
);
CREATE TABLE chat_window (
	corp_id VARCHAR NOT NULL,
	what VARCHAR NOT NULL,
	started BIGINT NOT NULL,
	count BIGINT NOT NULL,
	PRIMARY KEY (corp_id, what)
)
 WITHOUT ROWID;
CREATE TABLE closed_app (
	corp_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	provider_id VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, agentid)
);
CREATE TABLE closed_corp (
	corp_id VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	closed_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE contact_way (
	corp_id VARCHAR NOT NULL,
	config_id VARCHAR NOT NULL,
	created_by BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	type INTEGER NOT NULL,
	scene INTEGER NOT NULL,
	style INTEGER NOT NULL,
	remark VARCHAR NOT NULL,
	skip_verify BOOLEAN NOT NULL,
	state VARCHAR NOT NULL,
	users TEXT NOT NULL,
	parties TEXT NOT NULL,
	is_exclusive BOOLEAN NOT NULL,
	is_temp BOOLEAN NOT NULL,
	expires_in INTEGER NOT NULL,
	chat_expires_in INTEGER NOT NULL,
	unionid VARCHAR NOT NULL,
	conclusions TEXT NOT NULL,
	used_at BIGINT,
	turn BIGINT NOT NULL, mark_source BOOLEAN DEFAULT 1 NOT NULL,
	PRIMARY KEY (corp_id, config_id)
);
CREATE TABLE conversion_count (
	corp_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	span VARCHAR NOT NULL,
	started BIGINT NOT NULL,
	count BIGINT NOT NULL,
	PRIMARY KEY (corp_id, kind, span)
);
CREATE TABLE corp (
	corp_id VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	created_at BIGINT NOT NULL, has_budget BOOLEAN DEFAULT 0 NOT NULL, contact_limit BIGINT, faulty_paths TEXT, latency TEXT, creator VARCHAR, strict BOOLEAN DEFAULT 0 NOT NULL, generation BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE corp_clock (
	corp_id VARCHAR NOT NULL,
	shift BIGINT NOT NULL,
	frozen_at BIGINT,
	PRIMARY KEY (corp_id)
)
 WITHOUT ROWID;
CREATE TABLE corp_group (
	corp_id VARCHAR NOT NULL,
	group_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, group_id)
);
CREATE TABLE corp_group_corp (
	corp_id VARCHAR NOT NULL,
	group_id VARCHAR NOT NULL,
	member_corp_id VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, group_id, member_corp_id)
);
CREATE TABLE corp_seed (
	corp_id VARCHAR NOT NULL,
	number INTEGER NOT NULL,
	wanted TEXT NOT NULL,
	ids_before BIGINT NOT NULL,
	ids_last BIGINT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, number)
);
CREATE TABLE "delivery_faults" (
	corp_id VARCHAR NOT NULL,
	duplicate INTEGER NOT NULL,
	reorder INTEGER NOT NULL,
	delay_seconds INTEGER NOT NULL,
	drop_one_in INTEGER NOT NULL,
	same_second INTEGER NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE delivery_worker (
	id INTEGER NOT NULL,
	beat BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE department (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	name_en VARCHAR NOT NULL,
	parentid BIGINT NOT NULL,
	sort_order BIGINT NOT NULL,
	PRIMARY KEY (corp_id, id),
	UNIQUE (corp_id, parentid, name)
);
CREATE TABLE document (
	corp_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	doc_type INTEGER NOT NULL,
	doc_name VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	source VARCHAR NOT NULL,
	spaceid VARCHAR NOT NULL,
	fatherid VARCHAR NOT NULL,
	create_time BIGINT NOT NULL,
	modify_time BIGINT NOT NULL,
	access_rule TEXT NOT NULL,
	secure_setting TEXT NOT NULL,
	members TEXT NOT NULL,
	co_auth TEXT NOT NULL,
	PRIMARY KEY (corp_id, docid)
);
CREATE TABLE dropped_file (
	corp_id VARCHAR NOT NULL,
	sha256 VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, sha256)
);
CREATE TABLE export_file (
	corp_id VARCHAR NOT NULL,
	jobid VARCHAR NOT NULL,
	number BIGINT NOT NULL,
	media_id VARCHAR NOT NULL,
	size BIGINT NOT NULL,
	md5 VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, jobid, number)
)
 WITHOUT ROWID;
CREATE TABLE export_job (
	corp_id VARCHAR NOT NULL,
	jobid VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	kind VARCHAR NOT NULL,
	tagid BIGINT NOT NULL,
	aes_key VARCHAR NOT NULL,
	block_size INTEGER NOT NULL,
	base_url VARCHAR NOT NULL,
	status INTEGER NOT NULL,
	"after" VARCHAR NOT NULL,
	in_block INTEGER NOT NULL,
	PRIMARY KEY (corp_id, jobid)
)
 WITHOUT ROWID;
CREATE TABLE export_part (
	corp_id VARCHAR NOT NULL,
	jobid VARCHAR NOT NULL,
	number BIGINT NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (corp_id, jobid, number)
)
 WITHOUT ROWID;
CREATE TABLE external_bill (
	corp_id VARCHAR NOT NULL,
	pay_time BIGINT NOT NULL,
	id BIGINT NOT NULL,
	bill_type INTEGER NOT NULL,
	payee_userid VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	transaction_id VARCHAR NOT NULL,
	out_trade_no VARCHAR NOT NULL,
	out_refund_no VARCHAR NOT NULL,
	total_fee INTEGER NOT NULL,
	total_refund_fee INTEGER NOT NULL,
	payment_type INTEGER NOT NULL,
	mch_id VARCHAR NOT NULL,
	remark VARCHAR NOT NULL,
	content TEXT NOT NULL,
	PRIMARY KEY (corp_id, pay_time, id)
)
 WITHOUT ROWID;
CREATE TABLE external_contact (
	corp_id VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	type INTEGER NOT NULL,
	gender INTEGER NOT NULL,
	avatar VARCHAR NOT NULL,
	unionid VARCHAR NOT NULL,
	position VARCHAR NOT NULL,
	corp_name VARCHAR NOT NULL,
	corp_full_name VARCHAR NOT NULL,
	external_profile TEXT,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, external_userid)
)
 WITHOUT ROWID;
CREATE TABLE external_payments_off (
	corp_id VARCHAR NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE field_group (
	corp_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	sheet_id VARCHAR NOT NULL,
	field_group_id VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	field_ids TEXT NOT NULL,
	position BIGINT NOT NULL,
	PRIMARY KEY (corp_id, docid, sheet_id, field_group_id)
);
CREATE TABLE follow_tag (
	corp_id VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	tag_id VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, external_userid, userid, tag_id)
)
 WITHOUT ROWID;
CREATE TABLE follow_up (
	corp_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	external_userid VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	stage_id VARCHAR NOT NULL,
	rank BIGINT NOT NULL,
	title VARCHAR NOT NULL,
	note VARCHAR NOT NULL,
	priority INTEGER NOT NULL,
	amount BIGINT NOT NULL,
	source VARCHAR NOT NULL,
	custom TEXT NOT NULL,
	next_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	stage_since BIGINT NOT NULL,
	version INTEGER NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL,
	close_reason VARCHAR NOT NULL,
	creator VARCHAR NOT NULL,
	updater VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, seq)
)
 WITHOUT ROWID;
CREATE TABLE follow_up_change (
	corp_id VARCHAR NOT NULL,
	number BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	at BIGINT NOT NULL,
	"by" VARCHAR NOT NULL,
	version INTEGER NOT NULL,
	from_stage VARCHAR NOT NULL,
	to_stage VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, number)
)
 WITHOUT ROWID;
CREATE TABLE follow_up_corp (
	corp_id VARCHAR NOT NULL,
	pipeline TEXT,
	pipeline_version INTEGER NOT NULL,
	last_change BIGINT NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE follow_up_count (
	corp_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	stage_id VARCHAR NOT NULL,
	cards BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	entered BIGINT NOT NULL,
	left_count BIGINT NOT NULL,
	left_seconds BIGINT NOT NULL,
	PRIMARY KEY (corp_id, userid, stage_id)
)
 WITHOUT ROWID;
CREATE TABLE follow_up_gram (
	corp_id VARCHAR NOT NULL,
	gram VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (corp_id, gram, seq)
)
 WITHOUT ROWID;
CREATE TABLE follow_up_log (
	corp_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	id BIGINT NOT NULL,
	at BIGINT NOT NULL,
	kind VARCHAR NOT NULL,
	text VARCHAR NOT NULL,
	"by" VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, seq, id)
)
 WITHOUT ROWID;
CREATE TABLE follow_user (
	corp_id VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	createtime BIGINT NOT NULL,
	remark VARCHAR NOT NULL,
	description VARCHAR NOT NULL,
	remark_corp_name VARCHAR NOT NULL,
	remark_mobiles TEXT NOT NULL,
	remark_pic_mediaid VARCHAR NOT NULL,
	add_way INTEGER NOT NULL,
	oper_userid VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	wechat_channels TEXT,
	pending_confirmation BOOLEAN NOT NULL,
	deleted_by_customer_at BIGINT,
	ended_at BIGINT, source_agentid BIGINT, last_chat_at BIGINT,
	PRIMARY KEY (corp_id, external_userid, userid)
)
 WITHOUT ROWID;
CREATE TABLE framed_page (
	corp_id VARCHAR NOT NULL,
	token VARCHAR NOT NULL,
	origin VARCHAR NOT NULL,
	device VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, token)
)
 WITHOUT ROWID;
CREATE TABLE group_chat (
	corp_id VARCHAR NOT NULL,
	chat_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	notice VARCHAR NOT NULL,
	owner VARCHAR NOT NULL,
	admins TEXT NOT NULL,
	status INTEGER NOT NULL,
	member_version VARCHAR NOT NULL,
	opengid VARCHAR NOT NULL,
	create_time BIGINT NOT NULL,
	created_by VARCHAR NOT NULL,
	dismissed_at BIGINT, migrated BOOLEAN DEFAULT 0 NOT NULL,
	PRIMARY KEY (corp_id, chat_id)
);
CREATE TABLE group_join_way (
	corp_id VARCHAR NOT NULL,
	config_id VARCHAR NOT NULL,
	created_by BIGINT NOT NULL,
	scene INTEGER NOT NULL,
	remark VARCHAR NOT NULL,
	auto_create_room BOOLEAN NOT NULL,
	room_base_name VARCHAR NOT NULL,
	room_base_id BIGINT NOT NULL,
	chat_ids TEXT NOT NULL,
	made_chat_ids TEXT NOT NULL,
	state VARCHAR NOT NULL,
	mark_source BOOLEAN NOT NULL,
	PRIMARY KEY (corp_id, config_id)
);
CREATE TABLE group_messages (
	corp_id VARCHAR NOT NULL,
	chat_id VARCHAR NOT NULL,
	day BIGINT NOT NULL,
	person_id VARCHAR NOT NULL,
	count BIGINT NOT NULL,
	PRIMARY KEY (corp_id, chat_id, day, person_id)
);
CREATE TABLE group_ownership (
	corp_id VARCHAR NOT NULL,
	chat_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	owner VARCHAR NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT,
	PRIMARY KEY (corp_id, chat_id, seq)
);
CREATE TABLE group_robot (
	corp_id VARCHAR NOT NULL,
	"key" VARCHAR NOT NULL,
	robot_id VARCHAR NOT NULL,
	chat_id VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	enabled BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, "key")
);
CREATE TABLE group_stay (
	corp_id VARCHAR NOT NULL,
	chat_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	person_id VARCHAR NOT NULL,
	type INTEGER NOT NULL,
	joined_at BIGINT NOT NULL,
	left_at BIGINT,
	join_scene INTEGER NOT NULL,
	invitor VARCHAR NOT NULL,
	group_nickname VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	owner VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, chat_id, seq)
);
CREATE TABLE group_welcome (
	corp_id VARCHAR NOT NULL,
	chat_id VARCHAR NOT NULL,
	template_id VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, chat_id)
);
CREATE TABLE group_welcome_template (
	corp_id VARCHAR NOT NULL,
	template_id VARCHAR NOT NULL,
	created_by BIGINT NOT NULL,
	content TEXT NOT NULL,
	message_id BIGINT,
	PRIMARY KEY (corp_id, template_id)
);
CREATE TABLE handover (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	external_userid VARCHAR NOT NULL,
	handover_userid VARCHAR NOT NULL,
	takeover_userid VARCHAR NOT NULL,
	resigned BOOLEAN NOT NULL,
	status INTEGER NOT NULL,
	started_at BIGINT NOT NULL,
	takeover_time BIGINT NOT NULL,
	success_message VARCHAR NOT NULL,
	superseded BOOLEAN NOT NULL,
	PRIMARY KEY (corp_id, id)
);
CREATE TABLE heartbeat (
	id INTEGER NOT NULL,
	beats BIGINT NOT NULL,
	filler BLOB,
	PRIMARY KEY (id)
);
CREATE TABLE id_block (
	name VARCHAR NOT NULL,
	reserved_to BIGINT NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE id_migration (
	corp_id VARCHAR NOT NULL,
	provider_id VARCHAR NOT NULL,
	finished_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, provider_id)
);
CREATE TABLE import_job (
	corp_id VARCHAR NOT NULL,
	jobid VARCHAR NOT NULL,
	number BIGINT NOT NULL,
	agentid BIGINT NOT NULL,
	kind VARCHAR NOT NULL,
	sha256 VARCHAR NOT NULL,
	encoding VARCHAR NOT NULL,
	columns TEXT NOT NULL,
	stage VARCHAR NOT NULL,
	progress BIGINT NOT NULL,
	status INTEGER NOT NULL,
	total INTEGER NOT NULL,
	errcode INTEGER NOT NULL,
	errmsg VARCHAR NOT NULL,
	address TEXT,
	is_purged BOOLEAN NOT NULL,
	PRIMARY KEY (corp_id, jobid)
)
 WITHOUT ROWID;
CREATE TABLE import_row (
	corp_id VARCHAR NOT NULL,
	jobid VARCHAR NOT NULL,
	position INTEGER NOT NULL,
	rank INTEGER NOT NULL,
	"key" VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	fields TEXT NOT NULL,
	action INTEGER NOT NULL,
	errcode INTEGER NOT NULL,
	errmsg VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, jobid, position)
)
 WITHOUT ROWID;
CREATE TABLE intercept_rule (
	corp_id VARCHAR NOT NULL,
	rule_id VARCHAR NOT NULL,
	rule_name VARCHAR NOT NULL,
	word_list TEXT NOT NULL,
	semantics_list TEXT NOT NULL,
	intercept_type INTEGER NOT NULL,
	user_list TEXT NOT NULL,
	department_list TEXT NOT NULL,
	create_time BIGINT NOT NULL,
	created_by BIGINT NOT NULL,
	deleted_at BIGINT,
	PRIMARY KEY (corp_id, rule_id)
);
CREATE TABLE js_ticket (
	corp_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	ticket VARCHAR NOT NULL,
	issued_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, agentid)
)
 WITHOUT ROWID;
CREATE TABLE keyed_corp (
	corp_id VARCHAR NOT NULL,
	"key" VARCHAR NOT NULL,
	last_number BIGINT NOT NULL,
	PRIMARY KEY (corp_id)
)
 WITHOUT ROWID;
CREATE TABLE ledger_seal (
	corp_id VARCHAR NOT NULL,
	hour BIGINT NOT NULL,
	records BIGINT NOT NULL,
	sum BIGINT NOT NULL,
	hash VARCHAR NOT NULL,
	previous_hash VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, hour)
)
 WITHOUT ROWID;
CREATE TABLE ledger_segment (
	corp_id VARCHAR NOT NULL,
	number INTEGER NOT NULL,
	record_id BIGINT NOT NULL,
	at BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	records BIGINT NOT NULL,
	sum BIGINT NOT NULL,
	seal_before VARCHAR NOT NULL,
	previous_hash VARCHAR NOT NULL,
	hash VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, number)
)
 WITHOUT ROWID;
CREATE TABLE leftover_department (
	corp_id VARCHAR NOT NULL,
	department_id BIGINT NOT NULL,
	PRIMARY KEY (corp_id, department_id)
)
 WITHOUT ROWID;
CREATE TABLE licence_account (
	corp_id VARCHAR NOT NULL,
	provider_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	type INTEGER NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, provider_id, userid, type)
);
CREATE TABLE licence_enforcement (
	corp_id VARCHAR NOT NULL,
	provider_id VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, provider_id)
);
CREATE TABLE link_click (
	corp_id VARCHAR NOT NULL,
	link_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	at BIGINT NOT NULL,
	person VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, link_id, seq)
);
CREATE TABLE link_customer (
	corp_id VARCHAR NOT NULL,
	link_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	external_userid VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	added_at BIGINT NOT NULL,
	messages INTEGER NOT NULL,
	PRIMARY KEY (corp_id, link_id, seq)
)
 WITHOUT ROWID;
CREATE TABLE login_code (
	corp_id VARCHAR NOT NULL,
	code VARCHAR NOT NULL,
	agentid BIGINT,
	person VARCHAR NOT NULL,
	is_member BOOLEAN NOT NULL,
	scope VARCHAR NOT NULL,
	host VARCHAR NOT NULL,
	issued_at BIGINT NOT NULL,
	used_at BIGINT,
	PRIMARY KEY (corp_id, code)
)
 WITHOUT ROWID;
CREATE TABLE mass_message (
	corp_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	msgid VARCHAR NOT NULL,
	chat_type VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	creator VARCHAR NOT NULL,
	create_type INTEGER NOT NULL,
	create_time BIGINT NOT NULL,
	allow_select BOOLEAN NOT NULL,
	content TEXT NOT NULL,
	state VARCHAR NOT NULL,
	selection TEXT,
	task_message BIGINT,
	reminded_at TEXT NOT NULL,
	PRIMARY KEY (corp_id, seq)
);
CREATE TABLE mass_received (
	corp_id VARCHAR NOT NULL,
	receiver VARCHAR NOT NULL,
	day BIGINT NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (corp_id, receiver, day)
)
 WITHOUT ROWID;
CREATE TABLE mass_receiver (
	corp_id VARCHAR NOT NULL,
	message BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	receiver VARCHAR NOT NULL,
	status INTEGER NOT NULL,
	PRIMARY KEY (corp_id, message, userid, receiver)
)
 WITHOUT ROWID;
CREATE TABLE mass_rule (
	corp_id VARCHAR NOT NULL,
	rule VARCHAR NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE mass_task (
	corp_id VARCHAR NOT NULL,
	message BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	confirmed_at BIGINT,
	phone_message BIGINT,
	PRIMARY KEY (corp_id, message, userid)
)
 WITHOUT ROWID;
CREATE TABLE media (
	corp_id VARCHAR NOT NULL,
	media_id VARCHAR NOT NULL,
	type VARCHAR NOT NULL,
	use VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	content_type VARCHAR NOT NULL,
	size BIGINT NOT NULL,
	sha256 VARCHAR NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, media_id)
);
CREATE TABLE media_address (
	corp_id VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	origin VARCHAR NOT NULL,
	content_type VARCHAR NOT NULL,
	size BIGINT NOT NULL,
	sha256 VARCHAR NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, name)
);
CREATE TABLE member (
	corp_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	userid_key VARCHAR,
	name VARCHAR NOT NULL,
	mobile VARCHAR,
	email VARCHAR,
	status INTEGER NOT NULL,
	status_when_enabled INTEGER NOT NULL,
	main_department BIGINT NOT NULL,
	may_follow BOOLEAN NOT NULL,
	profile TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	left_at BIGINT, real_named BOOLEAN DEFAULT 1 NOT NULL,
	PRIMARY KEY (corp_id, userid),
	UNIQUE (corp_id, userid_key),
	UNIQUE (corp_id, mobile),
	UNIQUE (corp_id, email)
);
CREATE TABLE member_chat (
	corp_id VARCHAR NOT NULL,
	chat_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	owner VARCHAR NOT NULL,
	members TEXT NOT NULL, created_at BIGINT DEFAULT '0' NOT NULL, joined_at TEXT DEFAULT '{}' NOT NULL, notice VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (corp_id, chat_id)
);
CREATE TABLE member_department (
	corp_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	department_id BIGINT NOT NULL,
	position INTEGER NOT NULL,
	sort_order BIGINT NOT NULL,
	is_leader BOOLEAN NOT NULL,
	PRIMARY KEY (corp_id, userid, department_id)
);
CREATE TABLE member_greeting (
	corp_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	content TEXT NOT NULL,
	PRIMARY KEY (corp_id, userid)
);
CREATE TABLE member_openid (
	corp_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	openid VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, userid),
	UNIQUE (corp_id, openid)
)
 WITHOUT ROWID;
CREATE TABLE member_tag (
	corp_id VARCHAR NOT NULL,
	tagid BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	created_by BIGINT NOT NULL,
	PRIMARY KEY (corp_id, tagid),
	UNIQUE (corp_id, name)
)
 WITHOUT ROWID;
CREATE TABLE members_created (
	corp_id VARCHAR NOT NULL,
	month VARCHAR NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (corp_id, month)
);
CREATE TABLE messages_of_day (
	corp_id VARCHAR NOT NULL,
	day BIGINT NOT NULL,
	agentid BIGINT NOT NULL,
	msgtype VARCHAR NOT NULL,
	count BIGINT NOT NULL,
	PRIMARY KEY (corp_id, day, agentid, msgtype)
)
 WITHOUT ROWID;
CREATE TABLE mini_program (
	corp_id VARCHAR NOT NULL,
	appid VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, appid)
)
 WITHOUT ROWID;
CREATE TABLE mini_program_user (
	corp_id VARCHAR NOT NULL,
	openid VARCHAR NOT NULL,
	unionid VARCHAR NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (corp_id, openid)
);
CREATE TABLE moment (
	corp_id VARCHAR NOT NULL,
	moment_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	create_time BIGINT NOT NULL,
	create_type INTEGER NOT NULL,
	visible_type INTEGER NOT NULL,
	creator VARCHAR NOT NULL,
	content TEXT NOT NULL,
	tag_list TEXT NOT NULL,
	task_message_id BIGINT NOT NULL,
	dispatched BOOLEAN NOT NULL,
	cancelled_at BIGINT,
	deleted_at BIGINT,
	PRIMARY KEY (corp_id, moment_id)
);
CREATE TABLE moment_corp (
	corp_id VARCHAR NOT NULL,
	month VARCHAR NOT NULL,
	of_month INTEGER NOT NULL,
	minute BIGINT NOT NULL,
	of_minute INTEGER NOT NULL,
	is_open BOOLEAN NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE moment_job (
	corp_id VARCHAR NOT NULL,
	jobid VARCHAR NOT NULL,
	created_at BIGINT NOT NULL,
	agentid BIGINT NOT NULL,
	status INTEGER NOT NULL,
	content TEXT NOT NULL,
	senders TEXT,
	tag_list TEXT,
	result TEXT,
	PRIMARY KEY (corp_id, jobid)
);
CREATE TABLE moment_publication (
	corp_id VARCHAR NOT NULL,
	moment_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	published_at BIGINT,
	message_id BIGINT NOT NULL,
	PRIMARY KEY (corp_id, moment_id, userid)
)
 WITHOUT ROWID;
CREATE TABLE moment_reaction (
	corp_id VARCHAR NOT NULL,
	moment_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	at BIGINT NOT NULL,
	kind VARCHAR NOT NULL,
	person VARCHAR NOT NULL,
	is_member BOOLEAN NOT NULL,
	text VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, moment_id, userid, id)
)
 WITHOUT ROWID;
CREATE TABLE moment_viewer (
	corp_id VARCHAR NOT NULL,
	moment_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	can_see BOOLEAN NOT NULL,
	PRIMARY KEY (corp_id, moment_id, userid, external_userid)
)
 WITHOUT ROWID;
CREATE TABLE pending_id (
	corp_id VARCHAR NOT NULL,
	provider_id VARCHAR NOT NULL,
	unionid VARCHAR NOT NULL,
	pending_id VARCHAR NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, provider_id, unionid)
);
CREATE TABLE personal_tag (
	corp_id VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	group_name VARCHAR NOT NULL,
	tag_name VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, external_userid, userid, group_name, tag_name)
);
CREATE TABLE phone_item (
	corp_id VARCHAR NOT NULL,
	person VARCHAR NOT NULL,
	at BIGINT NOT NULL,
	id BIGINT NOT NULL,
	message_id BIGINT NOT NULL,
	state VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, person, at, id)
)
 WITHOUT ROWID;
CREATE TABLE phone_message (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	kind VARCHAR NOT NULL,
	sender VARCHAR NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (corp_id, id)
)
 WITHOUT ROWID;
CREATE TABLE planned_fault (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	position BIGINT NOT NULL,
	path VARCHAR NOT NULL,
	agentid BIGINT,
	times BIGINT,
	skip BIGINT NOT NULL,
	probability FLOAT NOT NULL,
	effect TEXT NOT NULL,
	seen BIGINT NOT NULL,
	fired BIGINT NOT NULL,
	blocked_until BIGINT,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, id)
)
 WITHOUT ROWID;
CREATE TABLE product_album (
	corp_id VARCHAR NOT NULL,
	product_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	description VARCHAR NOT NULL,
	price INTEGER NOT NULL,
	product_sn VARCHAR NOT NULL,
	attachments TEXT NOT NULL,
	create_time BIGINT NOT NULL,
	created_by BIGINT NOT NULL,
	deleted_at BIGINT,
	PRIMARY KEY (corp_id, product_id)
);
CREATE TABLE provider (
	corp_id VARCHAR NOT NULL,
	provider_secret VARCHAR NOT NULL,
	suite_id VARCHAR NOT NULL,
	suite_secret VARCHAR NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE provider_token (
	corp_id VARCHAR NOT NULL,
	token VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, token)
);
CREATE TABLE quota_lot (
	corp_id VARCHAR NOT NULL,
	lot_id BIGINT NOT NULL,
	bought BIGINT NOT NULL,
	balance BIGINT NOT NULL,
	bought_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, lot_id)
);
CREATE TABLE removed_rows (
	corp_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	removed BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, kind)
)
 WITHOUT ROWID;
CREATE TABLE response_code (
	corp_id VARCHAR NOT NULL,
	code VARCHAR NOT NULL,
	message_id BIGINT NOT NULL,
	issued_at BIGINT NOT NULL,
	used BOOLEAN NOT NULL,
	PRIMARY KEY (corp_id, code)
)
 WITHOUT ROWID;
CREATE TABLE "scheduled_task" (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	kind VARCHAR NOT NULL,
	reference VARCHAR NOT NULL, own_clock BOOLEAN DEFAULT 0 NOT NULL,
	PRIMARY KEY (corp_id, id)
);
CREATE TABLE school_notice (
	corp_id VARCHAR NOT NULL,
	subscribe_mode INTEGER NOT NULL,
	PRIMARY KEY (corp_id)
);
CREATE TABLE school_parent (
	corp_id VARCHAR NOT NULL,
	mobile VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	foreign_key VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, mobile)
);
CREATE TABLE scoped_id (
	corp_id VARCHAR NOT NULL,
	provider_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	plain_id VARCHAR NOT NULL,
	scoped_id VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, provider_id, kind, plain_id)
)
 WITHOUT ROWID;
CREATE TABLE seat (
	corp_id VARCHAR NOT NULL,
	provider_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	type INTEGER NOT NULL,
	agentid BIGINT NOT NULL,
	PRIMARY KEY (corp_id, provider_id, userid, type)
);
CREATE TABLE security_record (
	corp_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	at BIGINT NOT NULL,
	id BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	type INTEGER NOT NULL,
	source INTEGER NOT NULL,
	content TEXT NOT NULL,
	PRIMARY KEY (corp_id, kind, at, id)
)
 WITHOUT ROWID;
CREATE TABLE sent_content (
	corp_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	digest VARCHAR NOT NULL,
	message_id BIGINT NOT NULL,
	sent_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, agentid, digest)
)
 WITHOUT ROWID;
CREATE TABLE shared_app (
	corp_id VARCHAR NOT NULL,
	group_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	PRIMARY KEY (corp_id, group_id, agentid)
);
CREATE TABLE sheet_field (
	corp_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	sheet_id VARCHAR NOT NULL,
	field_id VARCHAR NOT NULL,
	title VARCHAR NOT NULL,
	type VARCHAR NOT NULL,
	property TEXT NOT NULL,
	position BIGINT NOT NULL,
	PRIMARY KEY (corp_id, docid, sheet_id, field_id)
);
CREATE TABLE sheet_group (
	corp_id VARCHAR NOT NULL,
	chat_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	owner VARCHAR NOT NULL,
	members TEXT NOT NULL,
	PRIMARY KEY (corp_id, chat_id)
);
CREATE TABLE sheet_record (
	corp_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	sheet_id VARCHAR NOT NULL,
	record_id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	cells TEXT NOT NULL,
	keys TEXT NOT NULL,
	created_at_ms BIGINT NOT NULL,
	updated_at_ms BIGINT NOT NULL,
	creator VARCHAR NOT NULL,
	creator_type INTEGER NOT NULL,
	updater VARCHAR NOT NULL,
	updater_type INTEGER NOT NULL,
	PRIMARY KEY (corp_id, docid, sheet_id, record_id)
);
CREATE TABLE sheet_rule (
	corp_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	rule_id BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	members TEXT NOT NULL,
	privs TEXT NOT NULL,
	PRIMARY KEY (corp_id, docid, rule_id)
);
CREATE TABLE sheet_view (
	corp_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	sheet_id VARCHAR NOT NULL,
	view_id VARCHAR NOT NULL,
	title VARCHAR NOT NULL,
	type VARCHAR NOT NULL,
	property TEXT NOT NULL,
	position BIGINT NOT NULL,
	PRIMARY KEY (corp_id, docid, sheet_id, view_id)
);
CREATE TABLE sheet_window (
	corp_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	sheet_id VARCHAR NOT NULL,
	started BIGINT NOT NULL,
	count BIGINT NOT NULL,
	PRIMARY KEY (corp_id, docid, sheet_id)
);
CREATE TABLE sim_clock (
	id INTEGER NOT NULL,
	shift BIGINT NOT NULL,
	frozen_at BIGINT,
	PRIMARY KEY (id)
);
CREATE TABLE smart_sheet (
	corp_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	sheet_id VARCHAR NOT NULL,
	title VARCHAR NOT NULL,
	position INTEGER NOT NULL,
	is_visible BOOLEAN NOT NULL,
	row_count BIGINT NOT NULL,
	last_seq BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (corp_id, docid, sheet_id)
);
CREATE TABLE snapshot (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	taken_at BIGINT NOT NULL,
	made_at BIGINT NOT NULL,
	is_complete BOOLEAN NOT NULL,
	revision VARCHAR NOT NULL,
	rows BIGINT NOT NULL,
	size BIGINT NOT NULL,
	PRIMARY KEY (corp_id, id)
);
CREATE TABLE snapshot_file (
	corp_id VARCHAR NOT NULL,
	snapshot_id BIGINT NOT NULL,
	sha256 VARCHAR NOT NULL,
	size BIGINT NOT NULL,
	PRIMARY KEY (corp_id, snapshot_id, sha256)
);
CREATE TABLE snapshot_part (
	corp_id VARCHAR NOT NULL,
	snapshot_id BIGINT NOT NULL,
	number INTEGER NOT NULL,
	table_name VARCHAR NOT NULL,
	columns TEXT NOT NULL,
	rows INTEGER NOT NULL,
	content BLOB NOT NULL,
	PRIMARY KEY (corp_id, snapshot_id, number)
);
CREATE TABLE strategy (
	corp_id VARCHAR NOT NULL,
	strategy_id BIGINT NOT NULL,
	parent_id BIGINT NOT NULL,
	strategy_name VARCHAR NOT NULL,
	create_time BIGINT NOT NULL,
	admin_list TEXT NOT NULL,
	privilege TEXT NOT NULL,
	created_by BIGINT NOT NULL, chapter VARCHAR DEFAULT 'customer' NOT NULL,
	PRIMARY KEY (corp_id, strategy_id)
);
CREATE TABLE strategy_node (
	corp_id VARCHAR NOT NULL,
	strategy_id BIGINT NOT NULL,
	type INTEGER NOT NULL,
	userid VARCHAR NOT NULL,
	partyid BIGINT NOT NULL,
	PRIMARY KEY (corp_id, strategy_id, type, userid, partyid)
)
 WITHOUT ROWID;
CREATE TABLE superseded_record (
	corp_id VARCHAR NOT NULL,
	segment INTEGER NOT NULL,
	id BIGINT NOT NULL,
	at BIGINT NOT NULL,
	agentid BIGINT NOT NULL,
	operation VARCHAR NOT NULL,
	meter VARCHAR NOT NULL,
	errcode INTEGER NOT NULL,
	quantity BIGINT NOT NULL,
	subject VARCHAR NOT NULL,
	reverses BIGINT,
	reason VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, segment, id)
)
 WITHOUT ROWID;
CREATE TABLE tag (
	corp_id VARCHAR NOT NULL,
	tag_id VARCHAR NOT NULL,
	group_id VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	create_time BIGINT NOT NULL,
	sort_order BIGINT NOT NULL,
	created_by BIGINT NOT NULL,
	deleted_at BIGINT, strategy_id BIGINT DEFAULT '0' NOT NULL, seq BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (corp_id, tag_id)
);
CREATE TABLE tag_group (
	corp_id VARCHAR NOT NULL,
	group_id VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	create_time BIGINT NOT NULL,
	sort_order BIGINT NOT NULL,
	created_by BIGINT NOT NULL,
	deleted_at BIGINT, strategy_id BIGINT DEFAULT '0' NOT NULL, seq BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (corp_id, group_id)
);
CREATE TABLE tagged_department (
	corp_id VARCHAR NOT NULL,
	tagid BIGINT NOT NULL,
	department_id BIGINT NOT NULL,
	PRIMARY KEY (corp_id, tagid, department_id)
)
 WITHOUT ROWID;
CREATE TABLE tagged_member (
	corp_id VARCHAR NOT NULL,
	tagid BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, tagid, userid)
)
 WITHOUT ROWID;
CREATE TABLE temp_chat (
	corp_id VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	config_id VARCHAR NOT NULL,
	started_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	closed_at BIGINT,
	conclusions TEXT NOT NULL,
	PRIMARY KEY (corp_id, external_userid, userid)
);
CREATE TABLE temporary_id (
	corp_id VARCHAR NOT NULL,
	tmp_external_userid VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	business_type INTEGER NOT NULL,
	external_userid VARCHAR NOT NULL,
	of_corp_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	PRIMARY KEY (corp_id, tmp_external_userid)
);
CREATE TABLE tfa_code (
	corp_id VARCHAR NOT NULL,
	tfa_code VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	issued_at BIGINT NOT NULL,
	used_at BIGINT,
	PRIMARY KEY (corp_id, tfa_code)
)
 WITHOUT ROWID;
CREATE TABLE tollbooth_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT tollbooth_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE unfinished_corp (
	corp_id VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	signed_at BIGINT NOT NULL, work TEXT,
	PRIMARY KEY (corp_id)
);
CREATE TABLE unverified_member (
	corp_id VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	message_id BIGINT NOT NULL,
	PRIMARY KEY (corp_id, userid)
)
 WITHOUT ROWID;
CREATE TABLE upload_job (
	corp_id VARCHAR NOT NULL,
	jobid VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	type VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	url VARCHAR NOT NULL,
	md5 VARCHAR NOT NULL,
	status INTEGER NOT NULL,
	errcode INTEGER NOT NULL,
	errmsg VARCHAR NOT NULL,
	media_id VARCHAR NOT NULL,
	created_at BIGINT NOT NULL,
	ended_at BIGINT,
	PRIMARY KEY (corp_id, jobid)
);
CREATE TABLE usage_level (
	corp_id VARCHAR NOT NULL,
	meter VARCHAR NOT NULL,
	day INTEGER NOT NULL,
	level BIGINT NOT NULL,
	peak BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	last_id BIGINT NOT NULL,
	PRIMARY KEY (corp_id, meter, day)
)
 WITHOUT ROWID;
CREATE TABLE usage_record (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	at BIGINT NOT NULL,
	agentid BIGINT NOT NULL,
	operation VARCHAR NOT NULL,
	meter VARCHAR NOT NULL,
	errcode INTEGER NOT NULL, quantity BIGINT DEFAULT '1' NOT NULL, subject VARCHAR DEFAULT '' NOT NULL, reverses BIGINT, reason VARCHAR DEFAULT '' NOT NULL,
	PRIMARY KEY (corp_id, id)
)
 WITHOUT ROWID;
CREATE TABLE usage_total (
	corp_id VARCHAR NOT NULL,
	day INTEGER NOT NULL,
	meter VARCHAR NOT NULL,
	operation VARCHAR NOT NULL,
	errcode INTEGER NOT NULL,
	agentid BIGINT NOT NULL,
	shard INTEGER NOT NULL,
	quantity BIGINT NOT NULL,
	PRIMARY KEY (corp_id, day, meter, operation, errcode, agentid, shard)
)
 WITHOUT ROWID;
CREATE TABLE user_ticket (
	corp_id VARCHAR NOT NULL,
	ticket VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	issued_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, ticket)
)
 WITHOUT ROWID;
CREATE TABLE verification_page (
	corp_id VARCHAR NOT NULL,
	url VARCHAR NOT NULL,
	concerns TEXT,
	PRIMARY KEY (corp_id)
)
 WITHOUT ROWID;
CREATE TABLE way_count (
	corp_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (corp_id, kind)
);
CREATE TABLE webhook_key (
	corp_id VARCHAR NOT NULL,
	"key" VARCHAR NOT NULL,
	webhook_id VARCHAR NOT NULL,
	docid VARCHAR NOT NULL,
	sheet_id VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	userid VARCHAR NOT NULL,
	trusted_ips TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, "key")
);
CREATE TABLE webview (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	device VARCHAR NOT NULL,
	entry VARCHAR NOT NULL,
	external_userid VARCHAR,
	chat_id VARCHAR,
	corp_identity TEXT,
	app_identity TEXT,
	checked TEXT NOT NULL,
	opened_at BIGINT NOT NULL,
	PRIMARY KEY (corp_id, id)
)
 WITHOUT ROWID;
CREATE TABLE webview_call (
	corp_id VARCHAR NOT NULL,
	id BIGINT NOT NULL,
	webview BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	at BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	url TEXT NOT NULL,
	params TEXT NOT NULL,
	reply TEXT NOT NULL,
	problems TEXT NOT NULL,
	PRIMARY KEY (corp_id, id)
)
 WITHOUT ROWID;
CREATE TABLE welcome_code (
	corp_id VARCHAR NOT NULL,
	code VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	external_userid VARCHAR NOT NULL,
	issued_at BIGINT NOT NULL,
	used_at BIGINT,
	PRIMARY KEY (corp_id, code)
);
CREATE TABLE workbench_data (
	corp_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	userid VARCHAR NOT NULL,
	type VARCHAR NOT NULL,
	data TEXT NOT NULL,
	PRIMARY KEY (corp_id, agentid, userid)
)
 WITHOUT ROWID;
CREATE TABLE workbench_template (
	corp_id VARCHAR NOT NULL,
	agentid BIGINT NOT NULL,
	is_open BOOLEAN NOT NULL,
	type VARCHAR NOT NULL,
	data TEXT,
	replace_user_data BOOLEAN NOT NULL,
	PRIMARY KEY (corp_id, agentid)
)
 WITHOUT ROWID;
CREATE INDEX acquisition_link_by_app ON acquisition_link (corp_id, created_by, seq);
CREATE INDEX act_record_by_member ON act_record (corp_id, userid, kind, at);
CREATE INDEX app_by_provider ON app (provider_id, corp_id);
CREATE INDEX app_message_by_app ON app_message (corp_id, agentid, sent_at);
CREATE UNIQUE INDEX app_message_by_msgid ON app_message (corp_id, msgid);
CREATE UNIQUE INDEX app_message_by_task ON app_message (corp_id, agentid, task_id) WHERE task_id IS NOT NULL;
CREATE INDEX biz_mail_by_member ON biz_mail (corp_id, userid);
CREATE INDEX callback_by_app ON callback (corp_id, agentid, id);
CREATE INDEX callback_by_state ON callback (state, corp_id, id);
CREATE INDEX callback_waiting ON callback (corp_id, agentid, position, id) WHERE state = 'waiting';
CREATE INDEX card_version_by_message ON card_version (corp_id, message_id);
CREATE INDEX closed_app_by_provider ON closed_app (provider_id, corp_id);
CREATE INDEX contact_way_by_time ON contact_way (corp_id, created_at, config_id);
CREATE INDEX external_bill_by_trade ON external_bill (corp_id, out_trade_no);
CREATE INDEX external_contact_by_age ON external_contact (corp_id, created_at, external_userid);
CREATE INDEX external_contact_by_unionid ON external_contact (corp_id, unionid);
CREATE INDEX follow_tag_by_tag ON follow_tag (corp_id, tag_id);
CREATE INDEX follow_up_by_amount ON follow_up (corp_id, amount, seq);
CREATE INDEX follow_up_by_last ON follow_up (corp_id, last_at, seq);
CREATE INDEX follow_up_by_next ON follow_up (corp_id, next_at, seq);
CREATE INDEX follow_up_by_owner ON follow_up (corp_id, userid, stage_id, rank, seq, external_userid, title, priority, amount, next_at, version);
CREATE INDEX follow_up_by_owner_next ON follow_up (corp_id, userid, next_at, seq);
CREATE INDEX follow_up_by_owner_seq ON follow_up (corp_id, userid, seq);
CREATE UNIQUE INDEX follow_up_by_pair ON follow_up (corp_id, external_userid, userid);
CREATE INDEX follow_up_by_stage ON follow_up (corp_id, stage_id, rank, seq, userid, external_userid, title, priority, amount, next_at, version);
CREATE INDEX follow_up_by_update ON follow_up (corp_id, updated_at, seq);
CREATE INDEX follow_up_change_by_record ON follow_up_change (corp_id, seq, number);
CREATE INDEX follow_user_by_member ON follow_user (corp_id, userid, seq);
CREATE UNIQUE INDEX group_chat_by_opengid ON group_chat (corp_id, opengid);
CREATE INDEX group_chat_by_owner ON group_chat (corp_id, owner, seq);
CREATE INDEX group_ownership_by_owner ON group_ownership (corp_id, owner, since);
CREATE INDEX group_stay_by_person ON group_stay (corp_id, person_id, chat_id);
CREATE INDEX group_welcome_by_template ON group_welcome (corp_id, template_id);
CREATE INDEX handover_by_customer ON handover (corp_id, external_userid);
CREATE INDEX handover_by_members ON handover (corp_id, handover_userid, takeover_userid, id);
CREATE UNIQUE INDEX handover_waiting ON handover (corp_id, external_userid, handover_userid) WHERE status = 2;
CREATE INDEX import_row_by_key ON import_row (corp_id, jobid, "key");
CREATE INDEX import_row_by_rank ON import_row (corp_id, jobid, rank);
CREATE UNIQUE INDEX intercept_rule_by_name ON intercept_rule (corp_id, rule_name) WHERE deleted_at IS NULL;
CREATE INDEX link_click_by_time ON link_click (corp_id, link_id, at);
CREATE INDEX link_customer_by_relation ON link_customer (corp_id, external_userid, userid);
CREATE UNIQUE INDEX mass_message_by_msgid ON mass_message (corp_id, msgid);
CREATE INDEX mass_message_by_time ON mass_message (corp_id, chat_type, create_time, seq);
CREATE INDEX media_address_by_content ON media_address (sha256);
CREATE INDEX media_address_by_origin ON media_address (corp_id, origin, created_at);
CREATE INDEX media_by_content ON media (sha256);
CREATE INDEX member_department_by_department ON member_department (corp_id, department_id, userid);
CREATE UNIQUE INDEX mini_program_user_by_unionid ON mini_program_user (corp_id, unionid);
CREATE INDEX moment_by_time ON moment (corp_id, create_time, seq);
CREATE INDEX moment_job_by_time ON moment_job (corp_id, created_at);
CREATE INDEX phone_item_by_message ON phone_item (corp_id, message_id);
CREATE INDEX product_album_by_seq ON product_album (corp_id, seq);
CREATE INDEX provider_by_suite ON provider (suite_id);
CREATE UNIQUE INDEX robot_by_id ON group_robot (corp_id, robot_id);
CREATE INDEX scheduled_task_by_corp ON scheduled_task (corp_id, due_at, id);
CREATE INDEX scheduled_task_by_time ON scheduled_task (own_clock, due_at, id);
CREATE UNIQUE INDEX scoped_id_back ON scoped_id (corp_id, provider_id, kind, scoped_id);
CREATE UNIQUE INDEX sheet_groups_in_order ON sheet_group (corp_id, docid, seq);
CREATE UNIQUE INDEX sheet_record_in_order ON sheet_record (corp_id, docid, sheet_id, seq);
CREATE INDEX snapshot_file_by_content ON snapshot_file (sha256);
CREATE INDEX strategy_by_app ON strategy (corp_id, created_by, strategy_id);
CREATE INDEX tag_by_group ON tag (corp_id, group_id);
CREATE UNIQUE INDEX tag_by_name ON tag (corp_id, group_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX tag_group_by_name ON tag_group (corp_id, strategy_id, name) WHERE deleted_at IS NULL;
CREATE INDEX tagged_department_by_department ON tagged_department (corp_id, department_id);
CREATE INDEX tagged_member_by_member ON tagged_member (corp_id, userid);
CREATE UNIQUE INDEX temporary_id_of_person ON temporary_id (corp_id, agentid, business_type, external_userid, of_corp_id, userid);
CREATE INDEX usage_record_by_time ON usage_record (corp_id, at);
CREATE UNIQUE INDEX usage_record_reversed_once ON usage_record (corp_id, reverses) WHERE reverses IS NOT NULL;
CREATE UNIQUE INDEX webhook_by_id ON webhook_key (corp_id, webhook_id);
CREATE INDEX webhooks_of_sheet ON webhook_key (corp_id, docid, sheet_id);
CREATE INDEX webview_call_by_webview ON webview_call (corp_id, webview, id);
CREATE INDEX welcome_code_by_pair ON welcome_code (corp_id, external_userid, userid);
INSERT INTO heartbeat VALUES (1, 0, NULL);
INSERT INTO id_block VALUES ('row', 0);
INSERT INTO sim_clock VALUES (1, 0, NULL);
INSERT INTO tollbooth_version VALUES ('0074');
