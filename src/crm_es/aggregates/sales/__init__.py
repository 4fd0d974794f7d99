"""Selling: products, leads, pipelines, opportunities, orders."""
