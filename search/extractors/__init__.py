"""Text out of documents: functions of their bytes alone. No database, no readers.

They run in a process with bounds (`worker`), for whoever may upload a file may upload
any file.
"""
