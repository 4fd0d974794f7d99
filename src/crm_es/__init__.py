"""An event-sourced CRM: one append-only log is the truth, everything else is a fold of it."""
