"""crm_es: an event-sourced CRM. One append-only log is the truth; everything else is a fold of it."""
