"""The embedded catalogs (compressed package data), their licences, and the script that builds them."""
