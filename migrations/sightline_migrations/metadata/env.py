"""Alembic's entry: runs the revisions on `upgrade`'s connection, or prints them for its dialect."""

from alembic import context

_connection = context.config.attributes.get("connection")
if _connection is None:
    context.configure(
        dialect_name=context.config.attributes["dialect"],
        literal_binds=True,
        output_buffer=context.config.output_buffer,
    )
else:
    context.configure(connection=_connection, transactional_ddl=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
