"""What an organisation reads of the audit log: its own half of each event.

Written is the log in `accounts.audit`; here it is read. It stands above pages and files
because it names both, through the rule, for the person who reads. No tables of its own.
"""
