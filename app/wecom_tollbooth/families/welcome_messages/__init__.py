"""欢迎语: what a new customer, and a customer who joins a group, is greeted with.

welcome_message.py sends a welcome message with the code of an event, templates.py keeps the templates of
group welcomes, acts.py applies one to a group and lets admins
set what greets in place of a code, greetings.py shows it when somebody joins.
"""
