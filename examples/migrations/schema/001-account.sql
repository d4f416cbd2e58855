create table account(id integer primary key, name text not null);
