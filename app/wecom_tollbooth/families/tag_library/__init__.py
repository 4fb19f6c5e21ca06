"""Tags of the corp and of its rule groups: the tables and rules that both kinds share."""
