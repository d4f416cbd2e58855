alter table account add column opened text; insert into account(name) values ('cash'), ('rent');
