"""Results of queries and panels as files for people: CSV, XLSX, Parquet."""
