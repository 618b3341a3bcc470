"""iOffice: edXML documents and status messages, work files, accounts."""
