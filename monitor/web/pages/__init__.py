"""The pages, one module a subject: what a request asks of the archive, and the template that shows it."""
