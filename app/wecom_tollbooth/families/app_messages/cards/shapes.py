"""The shape of a template card, as sent and as an update gives it (pages 90236 and 94888, 2026-02)."""

from wecom_tollbooth.gateway.shapes import RequestModel, optional


class SourceGiven(RequestModel):
    icon_url: str | None = optional()
    desc: str | None = optional()
    desc_color: int | None = optional(doc="0 grey, 1 black, 2 red, 3 green")


class ActionGiven(RequestModel):
    text: str | None = optional(doc="required")
    key: str | None = optional(doc="required, at most 1024 bytes, unlike the others")


class ActionMenuGiven(RequestModel):
    desc: str | None = optional()
    action_list: list[ActionGiven] | None = optional(doc="1 to 3")


class TitleGiven(RequestModel):
    title: str | None = optional()
    desc: str | None = optional()


class QuoteAreaGiven(RequestModel):
    type: int | None = optional(doc="0 nothing, 1 url, 2 mini-program")
    url: str | None = optional(doc="required for type 1")
    appid: str | None = optional(doc="required for type 2")
    pagepath: str | None = optional()
    title: str | None = optional()
    quote_text: str | None = optional()


class HorizontalContentGiven(RequestModel):
    type: int | None = optional(doc="0 nothing, 1 url, 2 file, 3 member")
    keyname: str | None = optional(doc="required")
    value: str | None = optional()
    url: str | None = optional(doc="required for type 1")
    media_id: str | None = optional(doc="required for type 2")
    userid: str | None = optional(doc="required for type 3")


class JumpGiven(RequestModel):
    type: int | None = optional(doc="0 nothing, 1 url, 2 mini-program")
    title: str | None = optional(doc="required")
    url: str | None = optional(doc="required for type 1")
    appid: str | None = optional(doc="required for type 2")
    pagepath: str | None = optional()


class CardActionGiven(RequestModel):
    type: int | None = optional(doc="1 url, 2 mini-program; in button_interaction also 0")
    url: str | None = optional(doc="required for type 1")
    appid: str | None = optional(doc="required for type 2")
    pagepath: str | None = optional()


class CardImageGiven(RequestModel):
    url: str | None = optional(doc="required")
    aspect_ratio: float | None = optional(doc="1.3 to 2.25, by default 1.3")


class ImageTextGiven(RequestModel):
    type: int | None = optional(doc="0 nothing, 1 url, 2 mini-program")
    url: str | None = optional(doc="required for type 1")
    appid: str | None = optional(doc="required for type 2")
    pagepath: str | None = optional()
    title: str | None = optional()
    desc: str | None = optional()
    image_url: str | None = optional(doc="required")


class OptionGiven(RequestModel):
    id: str | None = optional(doc="required, at most 128 bytes, unlike the others")
    text: str | None = optional(doc="required")


class SelectionGiven(RequestModel):
    question_key: str | None = optional(doc="required, at most 1024 bytes")
    title: str | None = optional()
    option_list: list[OptionGiven] | None = optional(doc="1 to 10")
    selected_id: str | None = optional(doc="by default the first option")
    disable: bool | None = optional(doc="in an update: nothing can be chosen")


class ButtonGiven(RequestModel):
    type: int | None = optional(doc="0 calls back, 1 url")
    text: str | None = optional(doc="required")
    style: int | None = optional(doc="1 to 4, by default 1")
    key: str | None = optional(doc="required for type 0, at most 1024 bytes, unlike the others")
    url: str | None = optional(doc="required for type 1")


class CheckOptionGiven(OptionGiven):
    is_checked: bool | None = optional()


class CheckboxGiven(RequestModel):
    question_key: str | None = optional(doc="required, at most 1024 bytes")
    mode: int | None = optional(doc="0 one option, 1 several")
    option_list: list[CheckOptionGiven] | None = optional(doc="1 to 20")
    disable: bool | None = optional(doc="in an update: nothing can be chosen")


class SubmitButtonGiven(RequestModel):
    text: str | None = optional(doc="by default 提交")
    key: str | None = optional(doc="required, at most 1024 bytes")


class TemplateCardGiven(RequestModel):
    card_type: str | None = optional(
        doc="text_notice, news_notice, button_interaction, vote_interaction or multiple_interaction"
    )
    source: SourceGiven | None = optional()
    action_menu: ActionMenuGiven | None = optional()
    task_id: str | None = optional(doc="letters, digits and _-@, at most 128 bytes, new in the app")
    main_title: TitleGiven | None = optional()
    quote_area: QuoteAreaGiven | None = optional()
    emphasis_content: TitleGiven | None = optional()
    sub_title_text: str | None = optional()
    image_text_area: ImageTextGiven | None = optional()
    card_image: CardImageGiven | None = optional()
    vertical_content_list: list[TitleGiven] | None = optional(doc="at most 4, each with a title")
    horizontal_content_list: list[HorizontalContentGiven] | None = optional(doc="at most 6")
    jump_list: list[JumpGiven] | None = optional(doc="at most 3")
    card_action: CardActionGiven | None = optional(doc="required in text_notice and news_notice")
    button_selection: SelectionGiven | None = optional(doc="in button_interaction")
    button_list: list[ButtonGiven] | None = optional(doc="1 to 6, in button_interaction")
    checkbox: CheckboxGiven | None = optional(doc="in vote_interaction")
    select_list: list[SelectionGiven] | None = optional(doc="1 to 3, in multiple_interaction")
    submit_button: SubmitButtonGiven | None = optional(doc="in vote_interaction and multiple_interaction")
    replace_text: str | None = optional(doc="in an update: the text of a grey button that can't be pressed")
