"""iOffice, simulated: edXML into a folder and over the exchange, work files and accounts by REST."""
