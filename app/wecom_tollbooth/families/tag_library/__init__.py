"""Tags of the corp and of its rule groups: the tables and the rules that both kinds share."""
