"""Running a service: logs, metrics, the queue, what is wrong with an installation."""
