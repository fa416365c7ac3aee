"""Instalments of youth projects."""
