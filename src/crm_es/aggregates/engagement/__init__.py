"""Contacts with a customer: activities, calls, visits, interactions, web sessions."""
