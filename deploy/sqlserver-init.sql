-- Makes the database and the login of TaskSync as far as they are missing. Run by an administrator: sqlcmd -b -I -v Password="…" -i sqlserver-init.sql
-- The app makes and changes its tables at the start (db_ddladmin) and reads and writes their rows. It needs no more: db_owner could also
-- drop the database, let others in and back it up to a place of its choice.
IF DB_ID(N'TaskSync') IS NULL
    CREATE DATABASE TaskSync;
GO
-- Readers do not wait for writers.
IF EXISTS (SELECT 1 FROM sys.databases WHERE name = N'TaskSync' AND is_read_committed_snapshot_on = 0)
    ALTER DATABASE TaskSync SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;
GO
IF SUSER_ID(N'tasksync') IS NULL
    CREATE LOGIN tasksync WITH PASSWORD = N'$(Password)', DEFAULT_DATABASE = TaskSync;
ELSE
    ALTER LOGIN tasksync WITH PASSWORD = N'$(Password)';
GO
USE TaskSync;
GO
IF USER_ID(N'tasksync') IS NULL
    CREATE USER tasksync FOR LOGIN tasksync WITH DEFAULT_SCHEMA = dbo;
GO
ALTER ROLE db_ddladmin ADD MEMBER tasksync;
ALTER ROLE db_datareader ADD MEMBER tasksync;
ALTER ROLE db_datawriter ADD MEMBER tasksync;
GO
