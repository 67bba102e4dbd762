-- Makes the role and the database of TaskSync. Run by psql as a superuser, with the password of the role in the environment variable TASKSYNC_PASSWORD.
-- The role owns its database, because the tables are made and changed at the start of the app, and has no right beside that.
\set ON_ERROR_STOP on
\getenv password TASKSYNC_PASSWORD
CREATE ROLE tasksync LOGIN PASSWORD :'password';
CREATE DATABASE tasksync OWNER tasksync ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE tasksync FROM PUBLIC;
