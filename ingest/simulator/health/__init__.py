"""The healthcare records, simulated: dropped insurance files, a FHIR server, a REST of records and bookings."""
