-- One database and one owner for each service; nobody connects to another's.
-- Run once by a superuser; passwords are set afterwards, from the platform's secrets.
CREATE ROLE identification LOGIN;
CREATE ROLE plans LOGIN;
CREATE ROLE payments LOGIN;
CREATE ROLE ngo_grants LOGIN;
CREATE ROLE reporting LOGIN;

CREATE DATABASE identification OWNER identification;
CREATE DATABASE plans OWNER plans;
CREATE DATABASE payments OWNER payments;
CREATE DATABASE ngo_grants OWNER ngo_grants;
CREATE DATABASE reporting OWNER reporting;

REVOKE CONNECT ON DATABASE identification FROM PUBLIC;
REVOKE CONNECT ON DATABASE plans FROM PUBLIC;
REVOKE CONNECT ON DATABASE payments FROM PUBLIC;
REVOKE CONNECT ON DATABASE ngo_grants FROM PUBLIC;
REVOKE CONNECT ON DATABASE reporting FROM PUBLIC;
