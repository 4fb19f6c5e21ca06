"""客户朋友圈: moments that a corp has its members publish, or that members publish by themselves.

creation.py takes tasks of the corp, jobs.py carries them out on the clock, publication.py brings a moment to
the customers of the member who publishes it; lists.py, records.py and reactions.py answer what became of it.
strategies.py has the rule groups, acts.py what people do.
"""
