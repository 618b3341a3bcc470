-- Views of earlier versions that nothing is made of any more.
DROP VIEW IF EXISTS {database}.flow_terms {on_cluster};

DROP VIEW IF EXISTS {database}.state_terms {on_cluster};

DROP VIEW IF EXISTS {database}.indicator_live {on_cluster};
