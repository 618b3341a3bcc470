"""The data hub (LGSP, shared warehouse, open-data portal): what it answers, what is dropped, what it pushes."""
