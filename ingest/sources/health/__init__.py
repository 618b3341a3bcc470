"""The healthcare records: insurance files that are dropped, FHIR and REST by HTTP."""
